package dev.tokentally.usage;

import java.util.List;
import java.util.Objects;

/**
 * The usage by tenant, by operation or by model.
 *
 * @param blocks a block for each that has a call in the window: tenants by their id, operations and models dearest first,
 *     then by name, names by their code points
 * @param total the same over all, zeros when there was no call
 */
public record UsageReport(List<UsageBlock> blocks, UsageBlock total) {

    /**
     * Takes a copy of the blocks.
     *
     * @throws NullPointerException when something is null
     */
    public UsageReport {
        blocks = List.copyOf(blocks);
        Objects.requireNonNull(total, "total");
    }
}
