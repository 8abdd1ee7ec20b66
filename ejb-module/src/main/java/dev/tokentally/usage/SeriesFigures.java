package dev.tokentally.usage;

import java.math.BigDecimal;

/**
 * The sums over the calls of a bucket. Each call is counted by itself, as in {@link UsageBlock#perCall()}.
 *
 * @param totalCalls how many calls there are
 * @param failedCalls how many of them with the status error
 * @param unpricedCalls how many did not fail and have the cost source none
 * @param uncertainCalls how many make the cost inexact, by reason
 * @param totalCostUsd the exact cost of all calls in US dollars, including failed ones
 * @param inputTokens the input tokens of the calls that did not fail
 * @param outputTokens the output tokens of the calls that did not fail
 */
public record SeriesFigures(
        long totalCalls,
        long failedCalls,
        long unpricedCalls,
        UncertainCalls uncertainCalls,
        BigDecimal totalCostUsd,
        long inputTokens,
        long outputTokens) {

    /** The figures of no call at all. */
    public static final SeriesFigures ZERO = new SeriesFigures(0, 0, 0, UncertainCalls.ZERO, BigDecimal.ZERO, 0, 0);

    /**
     * The sums over both.
     *
     * @param other the figures of other calls
     * @return the sums
     */
    public SeriesFigures plus(SeriesFigures other) {
        return new SeriesFigures(
                totalCalls + other.totalCalls,
                failedCalls + other.failedCalls,
                unpricedCalls + other.unpricedCalls,
                uncertainCalls.plus(other.uncertainCalls),
                totalCostUsd.add(other.totalCostUsd),
                inputTokens + other.inputTokens,
                outputTokens + other.outputTokens);
    }
}
