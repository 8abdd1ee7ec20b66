package dev.tokentally.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;

/**
 * What a call costs and who said so.
 *
 * @param usd US dollars, exact, with {@value CallRecord#COST_SCALE} decimals; 0 when not known
 * @param source who said so
 */
public record Cost(BigDecimal usd, CostSource source) {

    /** Nobody named a cost, and the price list has no price. */
    public static final Cost UNKNOWN = new Cost(BigDecimal.ZERO.setScale(CallRecord.COST_SCALE), CostSource.NONE);

    /**
     * The cost that a provider or an adapter names.
     *
     * @param usd US dollars; null, NaN, and an infinite, a negative or a too large number count as not given
     * @return the cost, rounded half even to the column's decimals, or {@link #UNKNOWN}
     */
    public static Cost given(Double usd) {
        if (usd == null || !Double.isFinite(usd) || usd < 0) {
            return UNKNOWN;
        }
        // The shortest decimal form is taken: 0.1 is a tenth of a dollar, not 0.1000000000000000055511151231257827.
        return rounded(new BigDecimal(Double.toString(usd)), CostSource.PROVIDER);
    }

    /**
     * Refuses values that the column cannot hold.
     *
     * @throws NullPointerException when a component is null
     * @throws IllegalArgumentException when the cost is negative or does not fit its column
     */
    public Cost {
        if (usd.signum() < 0 || usd.scale() != CallRecord.COST_SCALE || usd.precision() > CallRecord.COST_PRECISION) {
            throw new IllegalArgumentException("costUsd does not fit numeric(20,10): " + usd);
        }
        Objects.requireNonNull(source, "source");
    }

    /**
     * The cost of a usage by the price list.
     *
     * @param exact US dollars; a number too large for the column counts as not priced
     * @return the cost, rounded half even to the column's decimals, or {@link #UNKNOWN}
     */
    public static Cost listed(BigDecimal exact) {
        return listed(exact, CostSource.PRICE_LIST);
    }

    /**
     * The cost of a usage by the price list.
     *
     * @param exact US dollars; a number too large for the column counts as not priced
     * @param source {@link CostSource#PRICE_LIST}, or {@link CostSource#PARTIAL} if the bill may differ
     * @return the cost, rounded half even to the column's decimals, or {@link #UNKNOWN}
     */
    public static Cost listed(BigDecimal exact, CostSource source) {
        return rounded(exact, source);
    }

    private static Cost rounded(BigDecimal exact, CostSource source) {
        BigDecimal usd = exact.setScale(CallRecord.COST_SCALE, RoundingMode.HALF_EVEN);
        return usd.precision() > CallRecord.COST_PRECISION ? UNKNOWN : new Cost(usd, source);
    }
}
