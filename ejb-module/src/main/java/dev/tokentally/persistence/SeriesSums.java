package dev.tokentally.persistence;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.UncertainCalls;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A series while it is made, from sums of the database and of rollups. */
final class SeriesSums implements RollupReport.SumsByInterval {

    /** The memory of the figures of a bucket or a group: its objects, and up to three copies of its JSON of up to 400 bytes. */
    private static final int SERIES_BYTES = 500 + 3 * 400;

    private final Dimension group;
    private final List<Instant> edges;
    private final ReportMemory memory;

    /** The sums by the number of the bucket, from 1 on, and the value of the group, which is null if there are no groups. */
    private final Map<Integer, Map<String, SeriesFigures>> buckets = new HashMap<>();

    SeriesSums(Dimension group, List<Instant> edges, ReportMemory memory) throws ReportTooLargeException {
        memory.take((long) SERIES_BYTES * edges.size());
        this.group = group;
        this.edges = edges;
        this.memory = memory;
    }

    /** Adds the rows of {@link ReportSql#series}. */
    Void addAll(ResultSet rows) throws SQLException, ReportTooLargeException {
        while (rows.next()) {
            String stored = rows.getString("name");
            SeriesFigures figures = new SeriesFigures(
                    rows.getLong("total_calls"),
                    rows.getLong("failed_calls"),
                    rows.getLong("answered_unpriced_calls"),
                    new UncertainCalls(
                            rows.getLong("unpriced_calls"),
                            rows.getLong("partial_calls"),
                            rows.getLong("maybe_billed_calls")),
                    rows.getBigDecimal("total_cost_usd"),
                    rows.getLong("input_tokens"),
                    rows.getLong("output_tokens"));
            add(rows.getInt("bucket"), group == null ? null : group.valueIn(stored), figures);
        }
        return null;
    }

    @Override
    public void add(int quarter, String tenant, Combination combination, SeriesFigures sums)
            throws ReportTooLargeException {
        int place = Collections.binarySearch(edges, Unit.instant(quarter));
        String name = group == null ? null : group.equals(Dimension.TENANT) ? tenant : combination.of(group);
        add(place < 0 ? -place - 1 : place + 1, name, sums);
    }

    /** Several rows have the same value of a tag, one for each set of tags with this value. */
    private void add(int number, String name, SeriesFigures figures) throws ReportTooLargeException {
        Map<String, SeriesFigures> bucket = buckets.computeIfAbsent(number, any -> new HashMap<>());
        if (!bucket.containsKey(name)) {
            memory.take(name == null ? "" : name, SERIES_BYTES);
        }
        bucket.merge(name, figures, SeriesFigures::plus);
    }

    List<SeriesBucket> buckets() {
        List<SeriesBucket> all = new ArrayList<>(edges.size() - 1);
        for (int i = 1; i < edges.size(); i++) {
            Map<String, SeriesFigures> figures = buckets.getOrDefault(i, Map.of());
            SeriesFigures total = figures.values().stream().reduce(SeriesFigures.ZERO, SeriesFigures::plus);
            List<SeriesBucket.Group> named = figures.entrySet().stream()
                    .filter(each -> group != null)
                    .map(each -> new SeriesBucket.Group(each.getKey(), each.getValue()))
                    .sorted(Order.dearestFirst(each -> each.figures().totalCostUsd(), SeriesBucket.Group::name))
                    .toList();
            all.add(new SeriesBucket(edges.get(i - 1), edges.get(i), total, named));
        }
        return all;
    }
}
