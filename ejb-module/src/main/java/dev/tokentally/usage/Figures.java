package dev.tokentally.usage;

import java.math.BigDecimal;

/**
 * The counts and sums of a report in one of two views: per call or per invocation. An invocation is all calls in the
 * window with the same tenant, operation and call id. Its values are the sums over these calls.
 *
 * @param totalCalls how many calls or invocations
 * @param failedCalls calls with the status error, or invocations of which every call failed
 * @param unpricedCalls calls that did not fail and have the cost source none, or invocations with such a call
 * @param uncertainCalls calls that make the cost inexact, by reason, or invocations with such a call; an invocation may
 *     count under several reasons
 * @param totalCostUsd the exact sum over all calls in US dollars, including failed ones; the same in both views
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

    /** The figures of no call at all. */
    public static final Figures ZERO =
            new Figures(0, 0, 0, UncertainCalls.ZERO, BigDecimal.ZERO, Spread.ZERO, Spread.ZERO, Spread.ZERO);
}
