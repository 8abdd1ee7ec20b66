package dev.tokentally.usage;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Usage in groups.
 *
 * @param blocks one block for each value of the calls in the window, by descending cost, then by name in {@link
 *     #NAME_ORDER}
 * @param total the usage of all calls, zeros if there was none; its parts are the values of the second dimension,
 *     summed over all blocks
 */
public record UsageReport(List<UsageBlock> blocks, UsageBlock total) {

    /**
     * The order of names: null first, then by code points. It is not the order of Java's strings, which puts an emoji
     * before a full-width letter.
     */
    public static final Comparator<String> NAME_ORDER = Comparator.nullsFirst(
            (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray()));

    /**
     * Takes a copy of the blocks.
     *
     * @throws NullPointerException when something is null
     */
    public UsageReport {
        blocks = List.copyOf(blocks);
        Objects.requireNonNull(total, "total");
    }

    /**
     * The same report with its blocks in the order of their names.
     *
     * @return a copy; the order of each block's parts is unchanged
     */
    public UsageReport byName() {
        return new UsageReport(
                blocks.stream()
                        .sorted(Comparator.comparing(UsageBlock::name, NAME_ORDER))
                        .toList(),
                total);
    }

    /**
     * The whole report as one block.
     *
     * @param name the name of the block
     * @return the total's figures, with the blocks as its parts
     */
    public UsageBlock asBlock(String name) {
        return new UsageBlock(name, total.perInvocation(), total.perCall(), blocks);
    }
}
