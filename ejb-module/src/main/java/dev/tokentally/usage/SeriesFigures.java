package dev.tokentally.usage;

import java.math.BigDecimal;

/**
 * What the calls of a bucket add up to; each is counted by itself, as in {@link UsageBlock#perCall()}.
 *
 * @param totalCalls how many
 * @param failedCalls how many of them with the status error
 * @param unpricedCalls how many did not fail and have the cost source none
 * @param uncertainCalls how many make the cost inexact, by why
 * @param totalCostUsd US dollars, exact, of all calls, those that failed too
 * @param inputTokens of those that did not fail
 * @param outputTokens of those that did not fail
 */
public record SeriesFigures(
        long totalCalls,
        long failedCalls,
        long unpricedCalls,
        UncertainCalls uncertainCalls,
        BigDecimal totalCostUsd,
        long inputTokens,
        long outputTokens) {

    /** Of no call at all. */
    public static final SeriesFigures ZERO = new SeriesFigures(0, 0, 0, UncertainCalls.ZERO, BigDecimal.ZERO, 0, 0);

    /**
     * Both together.
     *
     * @param other of other calls
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
