package dev.tokentally.usage;

import java.util.List;
import java.util.Objects;

/**
 * The usage of a tenant, an operation or another value of a dimension, or over all of them.
 *
 * @param name which one; null over all, and for the calls that have none
 * @param perInvocation with calls of one call id taken together
 * @param perCall with each call by itself
 * @param parts the same by another dimension (a tenant's operations, an operation's tenants), dearest first, then by name;
 *     without those that have no call; empty where there is no other dimension
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
