package dev.tokentally.persistence;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Figures;
import dev.tokentally.usage.Spread;
import dev.tokentally.usage.UsageBlock;
import dev.tokentally.usage.UsageReport;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The answer to {@link ReportSql#figures}: figures by the names that they are of, in both views.
 *
 * @param perCall a map from names to figures; the total is under no names
 * @param perInvocation the same names, with the other view
 */
record FigureTable(Map<Map<Dimension, String>, Figures> perCall, Map<Map<Dimension, String>, Figures> perInvocation) {

    static FigureTable read(ResultSet rows) throws SQLException {
        FigureTable table = new FigureTable(new HashMap<>(), new HashMap<>());
        while (rows.next()) {
            boolean ofCalls = rows.getString(ReportSql.VIEW).equals(ReportSql.PER_CALL);
            (ofCalls ? table.perCall : table.perInvocation).put(names(rows), figures(rows));
        }
        return table;
    }

    private static Map<Dimension, String> names(ResultSet row) throws SQLException {
        Map<Dimension, String> names = new EnumMap<>(Dimension.class);
        for (Dimension dimension : Dimension.values()) {
            String name = row.getString(ReportSql.column(dimension));
            if (name != null) {
                names.put(dimension, name);
            }
        }
        return names;
    }

    private static Figures figures(ResultSet row) throws SQLException {
        BigDecimal cost = row.getBigDecimal("total_cost_usd");
        return new Figures(
                row.getLong("total_calls"),
                row.getLong("failed_calls"),
                row.getLong("unpriced_calls"),
                cost == null ? BigDecimal.ZERO : cost,
                spread(row, "call_duration_ms"),
                spread(row, "input_tokens"),
                spread(row, "output_tokens"));
    }

    /** A null, where nothing is left that did not fail, reads as 0. */
    private static Spread spread(ResultSet row, String value) throws SQLException {
        return new Spread(
                row.getDouble(value + "_avg"),
                row.getLong(value + "_min"),
                row.getLong(value + "_max"),
                row.getDouble(value + "_p5"),
                row.getDouble(value + "_p95"),
                row.getLong(value + "_sum"));
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
                perInvocation.getOrDefault(of, Figures.ZERO),
                perCall.getOrDefault(of, Figures.ZERO),
                parts.stream().sorted(dearestFirst()).toList());
    }

    private static Comparator<UsageBlock> dearestFirst() {
        return Order.dearestFirst(block -> block.perCall().totalCostUsd(), UsageBlock::name);
    }
}
