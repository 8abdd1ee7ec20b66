package dev.tokentally.usage;

import java.util.Objects;

/**
 * What a recorded call costs by the price list of today.
 *
 * @param call as it was read; its provider did not say its cost
 * @param cost the new cost, by the price list
 */
public record CostChange(CallRecord call, Cost cost) {

    /**
     * Refuses what must not be changed.
     *
     * @throws NullPointerException when a component is null
     * @throws IllegalArgumentException when the cost is the provider's own, or the new one
     */
    public CostChange {
        Objects.requireNonNull(call, "call");
        if (call.costSource() == CostSource.PROVIDER) {
            throw new IllegalArgumentException("a provider's own cost is not changed");
        }
        Objects.requireNonNull(cost, "cost");
        if (cost.source() == CostSource.PROVIDER) {
            throw new IllegalArgumentException("only a provider says a provider's cost");
        }
    }
}
