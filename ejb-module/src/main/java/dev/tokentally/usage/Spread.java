package dev.tokentally.usage;

/**
 * The distribution of a figure over the calls, or invocations, that did not fail. All values are 0 if there is none.
 *
 * @param avg the mean
 * @param min the least
 * @param max the greatest
 * @param p5 the 5th percentile, interpolated between neighbours (SQL's {@code percentile_cont})
 * @param p95 the 95th percentile, interpolated likewise
 * @param total the sum
 */
public record Spread(double avg, long min, long max, double p5, double p95, long total) {

    /** The distribution over no calls. */
    public static final Spread ZERO = new Spread(0, 0, 0, 0, 0, 0);
}
