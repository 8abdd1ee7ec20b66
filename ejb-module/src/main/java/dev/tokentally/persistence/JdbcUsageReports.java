package dev.tokentally.persistence;

import dev.tokentally.config.Settings;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.UncertainCalls;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Reads what was recorded, with one statement for each report. */
@ApplicationScoped
class JdbcUsageReports implements UsageReports {

    /** How many rows of a report are fetched at a time; they take about a megabyte. */
    private static final int ROWS_FETCHED = 2000;

    private static final int ROWS_PER_LOOK_AT_THE_CLOCK = 100;

    /** The memory of the figures of a bucket or a group: its objects, and up to three copies of its JSON of up to 400 bytes. */
    private static final int SERIES_BYTES = 500 + 3 * 400;

    /** The memory that all running reports may still take. */
    private final AtomicLong memoryLeft = new AtomicLong(Runtime.getRuntime().maxMemory() / 4);

    private final StoreReader reader;
    private final Store store;
    private final int maxSeconds;
    private final boolean rollups;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected JdbcUsageReports() {
        this.reader = null;
        this.store = null;
        this.maxSeconds = 0;
        this.rollups = false;
    }

    @Inject
    JdbcUsageReports(StoreReader reader, Store store, Settings settings) {
        this.reader = reader;
        this.store = store;
        this.maxSeconds = (int) Math.ceil(settings.reportsMaxTime().toMillis() / 1000.0);
        this.rollups = settings.rollups();
    }

    @Override
    public UsageReport report(UsageQuestion question) throws UsageStoreException {
        return reader.read(question.tenantId(), connection -> {
            store.keptFrom().on(connection);
            long start = System.nanoTime();
            try (ReportMemory memory = new ReportMemory(memoryLeft)) {
                Grouping report = new Grouping(question.dimensions(), question.tenantId() == null, memory);
                Sql sql = ReportSql.figures(question, report.names());
                // Without auto-commit PostgreSQL sends the rows in parts, so they are not all in our heap at once.
                OneTransaction.of(connection, () -> query(sql, connection, rows -> addAll(rows, report, start)));
                return report.end();
            }
        });
    }

    /** The timeout of the statement holds only until its first rows come. */
    private Void addAll(ResultSet rows, Grouping report, long start) throws SQLException, UsageStoreException {
        long count = 0;
        while (rows.next()) {
            report.add(rows);
            if (++count % ROWS_PER_LOOK_AT_THE_CLOCK == 0 && System.nanoTime() - start > maxSeconds * 1_000_000_000L) {
                throw new SQLTimeoutException("the rows took too long", StoreReader.CANCELLED);
            }
        }
        return null;
    }

    @Override
    public List<SeriesBucket> series(String tenantId, SeriesQuery query) throws UsageStoreException {
        return seriesOf(Objects.requireNonNull(tenantId, "tenantId"), query);
    }

    @Override
    public List<SeriesBucket> seriesOfAll(SeriesQuery query) throws UsageStoreException {
        return seriesOf(null, query);
    }

    private List<SeriesBucket> seriesOf(String tenantId, SeriesQuery query) throws UsageStoreException {
        return reader.read(tenantId, connection -> {
            store.keptFrom().on(connection);
            Optional<List<Instant>> edges = edges(tenantId, query, connection);
            if (edges.isEmpty()) {
                return List.of();
            }
            Sql sql = ReportSql.series(tenantId, query, edges.get(), store.dialect(), connection);
            try (ReportMemory memory = new ReportMemory(memoryLeft)) {
                Map<Integer, Map<String, SeriesFigures>> groups = new HashMap<>();
                memory.take((long) SERIES_BYTES * edges.get().size());
                OneTransaction.of(
                        connection,
                        () -> query(sql, connection, rows -> addGroups(rows, query.group(), groups, memory)));
                return buckets(groups, edges.get(), query.group() != null);
            }
        });
    }

    /** Empty if an end of the window is open and there is no call that could set it. */
    private Optional<List<Instant>> edges(String tenantId, SeriesQuery query, Connection connection)
            throws SQLException, UsageStoreException {
        Instant from = query.window().from();
        Instant last = query.window().to() == null ? null : query.window().to().minusNanos(1);
        if (from == null || last == null) {
            Instant[] extent = query(ReportSql.extent(tenantId, query), connection, JdbcUsageReports::extent);
            if (extent[0] == null) {
                return Optional.empty();
            }
            from = from == null ? extent[0] : from;
            last = last == null ? extent[1] : last;
        }
        return Optional.of(query.bucket().edges(from, last, query.zone(), SeriesQuery.MAX_BUCKETS));
    }

    private static Instant[] extent(ResultSet row) throws SQLException {
        row.next();
        return new Instant[] {instant(row, 1), instant(row, 2)};
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    private static Void addGroups(
            ResultSet rows, Dimension group, Map<Integer, Map<String, SeriesFigures>> groups, ReportMemory memory)
            throws SQLException, ReportTooLargeException {
        while (rows.next()) {
            String stored = rows.getString("name");
            String name = group == null ? null : group.valueIn(stored);
            Map<String, SeriesFigures> bucket =
                    groups.computeIfAbsent(rows.getInt("bucket"), number -> new HashMap<>());
            if (!bucket.containsKey(name)) {
                memory.take(name == null ? "" : name, SERIES_BYTES);
            }
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
            // Several rows have the same value of a tag, one for each set of tags with this value.
            bucket.merge(name, figures, SeriesFigures::plus);
        }
        return null;
    }

    private static List<SeriesBucket> buckets(
            Map<Integer, Map<String, SeriesFigures>> groups, List<Instant> edges, boolean inGroups) {
        List<SeriesBucket> buckets = new ArrayList<>(edges.size() - 1);
        for (int i = 1; i < edges.size(); i++) {
            Map<String, SeriesFigures> figures = groups.getOrDefault(i, Map.of());
            SeriesFigures total = figures.values().stream().reduce(SeriesFigures.ZERO, SeriesFigures::plus);
            List<SeriesBucket.Group> named = figures.entrySet().stream()
                    .filter(group -> inGroups)
                    .map(group -> new SeriesBucket.Group(group.getKey(), group.getValue()))
                    .sorted(Order.dearestFirst(group -> group.figures().totalCostUsd(), SeriesBucket.Group::name))
                    .toList();
            buckets.add(new SeriesBucket(edges.get(i - 1), edges.get(i), total, named));
        }
        return buckets;
    }

    @Override
    public List<CallRecord> calls(String tenantId, CallFilter filter, CallPosition after, int limit)
            throws UsageStoreException {
        return callsOf(Objects.requireNonNull(tenantId, "tenantId"), filter, after, limit);
    }

    @Override
    public List<CallRecord> callsOfAll(CallFilter filter, CallPosition after, int limit) throws UsageStoreException {
        return callsOf(null, filter, after, limit);
    }

    private List<CallRecord> callsOf(String tenantId, CallFilter filter, CallPosition after, int limit)
            throws UsageStoreException {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be positive: " + limit);
        }
        return reader.read(tenantId, connection -> {
            Window kept = KeptFrom.part(filter.window(), store.keptFrom().on(connection));
            if (kept == null) {
                return List.of();
            }
            CallFilter part = new CallFilter(kept, filter.values(), filter.status(), filter.callId());
            return query(ReportSql.calls(tenantId, part, after, limit), connection, CallRow::readAll);
        });
    }

    @Override
    public Instant callsKeptFrom(UsageQuestion question) {
        Instant keptFrom = store.keptFrom().known();
        return rollups ? question.callsKeptFrom(keptFrom) : question.window().callsKeptFrom(keptFrom);
    }

    @Override
    public Instant callsKeptFrom(SeriesQuery query) {
        Instant keptFrom = store.keptFrom().known();
        return rollups ? query.callsKeptFrom(keptFrom) : query.window().callsKeptFrom(keptFrom);
    }

    @Override
    public Instant callsKeptFrom(CallFilter filter) {
        return filter.window().callsKeptFrom(store.keptFrom().known());
    }

    private <T> T query(Sql sql, Connection connection, Rows<T> rows) throws SQLException, UsageStoreException {
        try (PreparedStatement statement = sql.prepare(connection)) {
            statement.setQueryTimeout(maxSeconds);
            statement.setFetchSize(ROWS_FETCHED);
            try (ResultSet result = statement.executeQuery()) {
                return rows.read(result);
            } finally {
                // H2: the timeout belongs to the session, so the next user of the connection would have it too.
                statement.setQueryTimeout(0);
            }
        }
    }

    private interface Rows<T> {
        T read(ResultSet rows) throws SQLException, UsageStoreException;
    }
}
