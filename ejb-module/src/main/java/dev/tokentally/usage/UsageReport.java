package dev.tokentally.usage;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Usage in groups.
 *
 * @param blocks a block for each value that calls in the window have, dearest first, then by name, names by their code points
 * @param total the same over all, zeros when there was no call; its parts are those of the second dimension over all blocks
 */
public record UsageReport(List<UsageBlock> blocks, UsageBlock total) {

    /**
     * Names by their code points, and none before all. Not as Java compares strings, for which an emoji comes before a
     * full-width letter.
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
     * The same in another order.
     *
     * @return a copy whose blocks are by their name; their parts are as they were
     */
    public UsageReport byName() {
        return new UsageReport(
                blocks.stream()
                        .sorted(Comparator.comparing(UsageBlock::name, NAME_ORDER))
                        .toList(),
                total);
    }

    /**
     * The total with what the blocks are, as one block.
     *
     * @param name what it is called
     * @return the total's figures, with the blocks as its parts
     */
    public UsageBlock asBlock(String name) {
        return new UsageBlock(name, total.perInvocation(), total.perCall(), blocks);
    }
}
