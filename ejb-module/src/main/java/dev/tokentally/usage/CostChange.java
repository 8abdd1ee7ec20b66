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
            throw new IllegalArgumentException("a provider's own cost is not changed");
        }
        Objects.requireNonNull(cost, "cost");
        if (cost.source() == CostSource.PROVIDER) {
            throw new IllegalArgumentException("only a provider says a provider's cost");
        }
    }
}
