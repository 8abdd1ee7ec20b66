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

    /** Not given and not priced. */
    public static final Cost UNKNOWN = new Cost(BigDecimal.ZERO.setScale(CallRecord.COST_SCALE), CostSource.NONE);

    /**
     * The cost that a provider or an adapter names.
     *
     * @param usd US dollars; null, NaN, infinite, negative or beyond the column count as not given
     * @return the cost, half even at the column's last decimal, or {@link #UNKNOWN}
     */
    public static Cost given(Double usd) {
        if (usd == null || !Double.isFinite(usd) || usd < 0) {
            return UNKNOWN;
        }
        // Through the shortest decimal form: 0.1 is a tenth of a dollar, not 0.1000000000000000055511151231257827.
        return rounded(new BigDecimal(Double.toString(usd)), CostSource.PROVIDER);
    }

    /**
     * Refuses what the column cannot hold.
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
     * What the price list makes of the usage.
     *
     * @param exact US dollars; beyond the column counts as not priced
     * @return the cost, half even at the column's last decimal, or {@link #UNKNOWN}
     */
    public static Cost listed(BigDecimal exact) {
        return listed(exact, CostSource.PRICE_LIST);
    }

    /**
     * What the price list makes of the usage.
     *
     * @param exact US dollars; beyond the column counts as not priced
     * @param source whether it knows all of the bill
     * @return the cost, half even at the column's last decimal, or {@link #UNKNOWN}
     */
    public static Cost listed(BigDecimal exact, CostSource source) {
        return rounded(exact, source);
    }

    private static Cost rounded(BigDecimal exact, CostSource source) {
        BigDecimal usd = exact.setScale(CallRecord.COST_SCALE, RoundingMode.HALF_EVEN);
        return usd.precision() > CallRecord.COST_PRECISION ? UNKNOWN : new Cost(usd, source);
    }
}
