package dev.tokentally.usage;

/**
 * How many calls, or invocations with such a call, make a sum of costs inexact. While any of these is not 0, the bill may
 * differ from the sum.
 *
 * @param unpriced calls whose cost nobody knows (cost source none), unless they failed and used nothing: their cost is 0 in
 *     the sum
 * @param partial calls of which the price list could not price everything (cost source partial), failed or not
 * @param maybeBilled calls of which no end was told, and which the provider may have billed (cost source maybe-billed): their
 *     cost is 0 in the sum
 */
public record UncertainCalls(long unpriced, long partial, long maybeBilled) {

    /** Of no call at all, or of calls with exact costs. */
    public static final UncertainCalls ZERO = new UncertainCalls(0, 0, 0);

    /**
     * Both together.
     *
     * @param other of other calls
     * @return the sums
     */
    public UncertainCalls plus(UncertainCalls other) {
        return new UncertainCalls(unpriced + other.unpriced, partial + other.partial, maybeBilled + other.maybeBilled);
    }
}
