package dev.tokentally.usage;

import java.math.BigDecimal;
import java.util.Objects;

/**
 * What a recorded call costs by the price list of today.
 *
 * @param call as it was read; its provider did not say its cost
 * @param costUsd the new cost in US dollars, with {@value CallRecord#COST_SCALE} decimals
 */
public record CostChange(CallRecord call, BigDecimal costUsd) {

    /**
     * Refuses what must not be changed.
     *
     * @throws NullPointerException when a component is null
     * @throws IllegalArgumentException when the cost is the provider's own, or the new one does not fit its column
     */
    public CostChange {
        Objects.requireNonNull(call, "call");
        if (call.costSource() == CostSource.PROVIDER) {
            throw new IllegalArgumentException("a provider's own cost is not changed");
        }
        new Cost(costUsd, CostSource.PRICE_LIST);
    }
}
