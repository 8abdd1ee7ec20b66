package dev.tokentally.persistence;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Figures;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.UsageBlock;
import dev.tokentally.usage.UsageReport;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Figures by the names that they are of, in both views; the total is under no names. */
final class FigureTable {

    /** Both views: as objects some 1.1 KB, as JSON up to 1.5 KB, which are there up to three times. */
    private static final int BYTES = 1_200 + 3 * 1_500;

    private final ReportMemory memory;
    private final Map<Map<Dimension, String>, Figures> perCall = new HashMap<>();
    private final Map<Map<Dimension, String>, Figures> perInvocation = new HashMap<>();

    FigureTable(ReportMemory memory) {
        this.memory = memory;
    }

    void put(Map<Dimension, String> names, Block block) throws ReportTooLargeException {
        memory.take(BYTES);
        for (String name : names.values()) {
            memory.take(name, 0);
        }
        perCall.put(names, block.perCall.figures(block.cost()));
        perInvocation.put(names, block.perInvocation.figures(block.cost()));
    }

    /**
     * A report with a block for each name.
     *
     * @param of what the blocks are of
     * @param by what their parts are of; null for no parts
     */
    UsageReport report(Dimension of, Dimension by) {
        Map<String, List<UsageBlock>> parts = by == null
                ? Map.of()
                : with(Set.of(of, by))
                        .collect(groupingBy(names -> names.get(of), mapping(names -> part(names, by), toList())));
        List<UsageBlock> blocks = with(Set.of(of))
                .map(names -> block(names.get(of), names, parts.getOrDefault(names.get(of), List.of())))
                .sorted(of == Dimension.TENANT ? comparing(UsageBlock::name, Order.BY_CODE_POINT) : dearestFirst())
                .toList();
        return new UsageReport(blocks, total(null, by));
    }

    /**
     * The block over all.
     *
     * @param name what it is called
     * @param by what its parts are of; null for no parts
     */
    UsageBlock total(String name, Dimension by) {
        List<UsageBlock> parts = by == null
                ? List.of()
                : with(Set.of(by)).map(names -> part(names, by)).toList();
        return block(name, Map.of(), parts);
    }

    private Stream<Map<Dimension, String>> with(Set<Dimension> dimensions) {
        return perCall.keySet().stream().filter(names -> names.keySet().equals(dimensions));
    }

    private UsageBlock part(Map<Dimension, String> names, Dimension by) {
        return block(names.get(by), names, List.of());
    }

    private UsageBlock block(String name, Map<Dimension, String> of, List<UsageBlock> parts) {
        return new UsageBlock(
                name,
                perInvocation.get(of),
                perCall.get(of),
                parts.stream().sorted(dearestFirst()).toList());
    }

    private static Comparator<UsageBlock> dearestFirst() {
        return Order.dearestFirst(block -> block.perCall().totalCostUsd(), UsageBlock::name);
    }
}
