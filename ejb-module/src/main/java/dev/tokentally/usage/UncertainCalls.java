package dev.tokentally.usage;

/**
 * The numbers of calls, or of invocations with such a call, that make a sum of costs inexact. If one of them is not 0,
 * the bill may differ from the sum.
 *
 * @param unpriced calls with an unknown cost (cost source none), without those that failed and used nothing; their cost
 *     is 0 in the sum
 * @param partial calls for which the price list could not price everything (cost source partial), failed or not
 * @param maybeBilled calls whose end is not known, and which the provider may have billed (cost source maybe-billed);
 *     their cost is 0 in the sum
 */
public record UncertainCalls(long unpriced, long partial, long maybeBilled) {

    /** The numbers for no call at all, or for calls with exact costs. */
    public static final UncertainCalls ZERO = new UncertainCalls(0, 0, 0);

    /**
     * The sums over both.
     *
     * @param other the numbers of other calls
     * @return the sums
     */
    public UncertainCalls plus(UncertainCalls other) {
        return new UncertainCalls(unpriced + other.unpriced, partial + other.partial, maybeBilled + other.maybeBilled);
    }
}
