package dev.tokentally.usage;

import java.util.List;
import java.util.Objects;

/**
 * The usage of a tenant, an operation or another value of a dimension, or of all values together.
 *
 * @param name the value; null for all values together, and for the calls without a value
 * @param perInvocation the figures with the calls of one invocation taken together
 * @param perCall the figures with each call counted by itself
 * @param parts the usage by a second dimension, such as a tenant's operations, by descending cost, then by name; only
 *     values with at least one call; empty if there is no second dimension
 */
public record UsageBlock(String name, Figures perInvocation, Figures perCall, List<UsageBlock> parts) {

    /**
     * Takes a copy of the parts.
     *
     * @throws NullPointerException when anything but the name is null
     */
    public UsageBlock {
        Objects.requireNonNull(perInvocation, "perInvocation");
        Objects.requireNonNull(perCall, "perCall");
        parts = List.copyOf(parts);
    }
}
