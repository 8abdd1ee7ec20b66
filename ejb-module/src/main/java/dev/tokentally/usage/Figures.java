package dev.tokentally.usage;

import java.math.BigDecimal;

/**
 * What is counted and summed, in one of two views: per call, or per invocation, which is all calls with the same tenant,
 * operation and call id in the window. An invocation's values are the sums over all its calls.
 *
 * @param totalCalls how many calls or invocations
 * @param failedCalls calls with the status error, or invocations of which every call failed
 * @param unpricedCalls calls that did not fail and have the cost source none, or invocations with such a call
 * @param uncertainCalls calls that make the cost inexact, by why, or invocations with such a call; one may count for several
 *     reasons
 * @param totalCostUsd the sum over all calls in US dollars, exact, those that failed too; the same in both views
 * @param callDuration milliseconds
 * @param inputTokens tokens of the prompts
 * @param outputTokens tokens of the answers
 */
public record Figures(
        long totalCalls,
        long failedCalls,
        long unpricedCalls,
        UncertainCalls uncertainCalls,
        BigDecimal totalCostUsd,
        Spread callDuration,
        Spread inputTokens,
        Spread outputTokens) {

    /** Of no call at all. */
    public static final Figures ZERO =
            new Figures(0, 0, 0, UncertainCalls.ZERO, BigDecimal.ZERO, Spread.ZERO, Spread.ZERO, Spread.ZERO);
}
