package dev.tokentally.usage;

import java.util.Objects;

/**
 * The new cost of a recorded call, by today's price list.
 *
 * @param call the call as it was read; its provider did not say its cost
 * @param cost the new cost, by the price list
 */
public record CostChange(CallRecord call, Cost cost) {

    /**
     * Refuses changes that must not be made.
     *
     * @throws NullPointerException when a component is null
     * @throws IllegalArgumentException when the old or the new cost is the provider's own
     */
    public CostChange {
        Objects.requireNonNull(call, "call");
        if (call.costSource() == CostSource.PROVIDER) {
            throw new IllegalArgumentException("a cost that the provider said must not be changed");
        }
        Objects.requireNonNull(cost, "cost");
        if (cost.source() == CostSource.PROVIDER) {
            throw new IllegalArgumentException("the new cost must come from the price list and not from a provider");
        }
    }
}
