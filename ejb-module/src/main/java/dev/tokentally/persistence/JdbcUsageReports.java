package dev.tokentally.persistence;

import dev.tokentally.config.Settings;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.TooManyBucketsException;
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
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Reads what was recorded, with one statement for each report. */
@ApplicationScoped
class JdbcUsageReports implements UsageReports {

    /** How many rows of a report are fetched at a time; they take about a megabyte. */
    private static final int ROWS_FETCHED = 2000;

    /** A window in which no call of an application starts. */
    private static final Window NOTHING =
            new Window(Instant.parse("0001-01-01T00:00:00Z"), Instant.parse("0001-01-01T00:00:00.000001Z"));

    /** The memory that all running reports may still take. */
    private final AtomicLong memoryLeft;

    private final IncompleteAnswers incomplete = new IncompleteAnswers();

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
        this.memoryLeft = null;
    }

    @Inject
    JdbcUsageReports(StoreReader reader, Store store, Settings settings) {
        this(reader, store, settings, Runtime.getRuntime().maxMemory() / 4);
    }

    JdbcUsageReports(StoreReader reader, Store store, Settings settings, long memory) {
        this.memoryLeft = new AtomicLong(memory);
        this.reader = reader;
        this.store = store;
        this.maxSeconds = (int) Math.ceil(settings.reportsMaxTime().toMillis() / 1000.0);
        this.rollups = settings.rollups();
    }

    @Override
    public UsageReport report(UsageQuestion question) throws UsageStoreException {
        return reader.read(question.tenantId(), connection -> {
            incomplete.remove(question);
            Instant keptFrom = store.keptFrom().on(connection);
            Deadline deadline = new Deadline(maxSeconds, connection);
            Optional<UsageReport> fromRollups = fromRollups(question, connection, deadline);
            if (fromRollups.isPresent()) {
                return fromRollups.get();
            }
            try (ReportMemory memory = new ReportMemory(memoryLeft)) {
                Grouping report = new Grouping(question.dimensions(), question.tenantId() == null, memory);
                Window kept = KeptFrom.part(question.window(), keptFrom);
                if (kept == null) {
                    return report.end();
                }
                Sql sql = ReportSql.figures(question, kept, report.names());
                // Without auto-commit PostgreSQL sends the rows in parts, so they are not all in our heap at once.
                OneTransaction.run(
                        connection,
                        () -> query(sql, connection, deadline.secondsLeft(), rows -> addAll(rows, report, deadline)));
                return report.end();
            }
        });
    }

    /** Empty if the report must read all from the calls. */
    private Optional<UsageReport> fromRollups(UsageQuestion question, Connection connection, Deadline deadline)
            throws SQLException, UsageStoreException {
        RollupQuestion asked = RollupQuestion.of(
                question.tenantId(), question.window(), question.filters(), Set.copyOf(question.dimensions()), null);
        return readRollups(asked, question, connection, deadline, (rollups, memory) -> {
            Grouping report = new Grouping(question.dimensions(), question.tenantId() == null, memory);
            rollups.readInto(report);
            return report.end();
        });
    }

    private Void addAll(ResultSet rows, Grouping report, Deadline deadline) throws SQLException, UsageStoreException {
        while (rows.next()) {
            report.add(rows);
            deadline.check();
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
        return reader.read(tenantId, connection -> seriesOf(tenantId, query, connection));
    }

    private List<SeriesBucket> seriesOf(String tenantId, SeriesQuery query, Connection connection)
            throws SQLException, UsageStoreException {
        incomplete.remove(new AskedSeries(tenantId, query));
        Instant keptFrom = store.keptFrom().on(connection);
        Optional<List<Instant>> edges = edges(tenantId, query, keptFrom, connection);
        if (edges.isEmpty()) {
            return List.of();
        }
        Deadline deadline = new Deadline(maxSeconds, connection);
        Optional<List<SeriesBucket>> fromRollups =
                seriesFromRollups(tenantId, query, edges.get(), connection, deadline);
        if (fromRollups.isPresent()) {
            return withoutEmptyEnds(fromRollups.get(), query.window());
        }
        Window kept = KeptFrom.part(query.window(), keptFrom);
        List<Window> spans = kept == null ? List.of(NOTHING) : kept.equals(query.window()) ? List.of() : List.of(kept);
        Sql sql = ReportSql.series(tenantId, query, spans, edges.get(), store.dialect(), connection);
        try (ReportMemory memory = new ReportMemory(memoryLeft)) {
            SeriesSums sums = new SeriesSums(query.group(), edges.get(), memory);
            OneTransaction.run(connection, () -> query(sql, connection, deadline.secondsLeft(), sums::addAll));
            return sums.buckets();
        }
    }

    /**
     * A series with an open end begins or ends with its first or last call. If that end comes from dropped calls, the filter may
     * exclude them, and the outermost buckets are then empty.
     */
    private static List<SeriesBucket> withoutEmptyEnds(List<SeriesBucket> buckets, Window window) {
        int first = 0;
        int end = buckets.size();
        while (window.from() == null && first < end && isEmpty(buckets.get(first))) {
            first++;
        }
        while (window.to() == null && first < end && isEmpty(buckets.get(end - 1))) {
            end--;
        }
        return List.copyOf(buckets.subList(first, end));
    }

    private static boolean isEmpty(SeriesBucket bucket) {
        return bucket.figures().totalCalls() == 0;
    }

    private static RollupQuestion question(String tenantId, SeriesQuery query, List<Instant> edges) {
        return RollupQuestion.of(
                tenantId,
                query.window(),
                query.filters(),
                query.group() == null ? Set.of() : Set.of(query.group()),
                edges);
    }

    /** Empty if the report must read all from the calls. */
    private Optional<List<SeriesBucket>> seriesFromRollups(
            String tenantId, SeriesQuery query, List<Instant> edges, Connection connection, Deadline deadline)
            throws SQLException, UsageStoreException {
        RollupQuestion asked = question(tenantId, query, edges);
        return readRollups(asked, new AskedSeries(tenantId, query), connection, deadline, (rollups, memory) -> {
            if (cutsDropped(edges, query.window())) {
                incomplete.add(new AskedSeries(tenantId, query));
            }
            SeriesSums sums = new SeriesSums(query.group(), edges, memory);
            rollups.readSums(sums);
            if (!rollups.spans().isEmpty()) {
                Sql rest = ReportSql.series(tenantId, query, rollups.spans(), edges, store.dialect(), connection);
                query(rest, connection, deadline.secondsLeft(), sums::addAll);
            }
            return sums.buckets();
        });
    }

    /**
     * Whether a bucket begins within a quarter whose calls were dropped. In some zones the offset is, or was, not a multiple of a
     * quarter of an hour.
     */
    private boolean cutsDropped(List<Instant> edges, Window window) {
        Instant keptFrom = store.keptFrom().known();
        return keptFrom != null
                && edges.stream()
                        .skip(1)
                        .anyMatch(edge -> edge.isBefore(keptFrom)
                                && (window.to() == null || edge.isBefore(window.to()))
                                && !Unit.instant(Unit.quarter(edge)).equals(edge));
    }

    /** Empty if the report must read all from the calls. */
    private <T> Optional<T> readRollups(
            RollupQuestion asked, Object question, Connection connection, Deadline deadline, RollupReading<T> reading)
            throws SQLException, UsageStoreException {
        if (!store.rollups() || !asked.isInRollups()) {
            return Optional.empty();
        }
        try (ReportMemory memory = new ReportMemory(memoryLeft)) {
            try {
                return Snapshot.run(connection, store.dialect(), any -> {
                    try (deadline) {
                        RollupState state = RollupState.read(connection);
                        store.keptFrom().learn(state);
                        Optional<RollupReport> rollups =
                                RollupReport.of(asked, store.dialect(), state, connection, memory, deadline);
                        return rollups.isPresent()
                                ? Optional.of(reading.of(rollups.get(), memory))
                                : Optional.<T>empty();
                    }
                });
            } catch (ReportTooLargeException e) {
                // In the table, the calls of an id come one after the other, so they need not be kept until they are
                // joined. Calls that were dropped are only in the rollups.
                Window kept = KeptFrom.part(asked.window(), store.keptFrom().known());
                if (!memory.isMostlyForJoins() || !asked.window().equals(kept)) {
                    throw e;
                }
                return Optional.empty();
            }
        } catch (SQLException e) {
            if (!(e instanceof UnreadableCellException) && !isDenied(e)) {
                throw e;
            }
            if (store.keptFrom().known() != null) {
                incomplete.add(question, e);
            }
            return Optional.empty();
        }
    }

    /** A DBA has not made the tables, or has not granted them to this role. */
    private static boolean isDenied(SQLException failure) {
        return StoreFailures.isNoTable(failure) || StoreFailures.isForbidden(failure);
    }

    /** Empty if an end of the window is open and there is no call that could set it. */
    private Optional<List<Instant>> edges(String tenantId, SeriesQuery query, Instant keptFrom, Connection connection)
            throws SQLException, UsageStoreException {
        Instant from = query.window().from();
        Instant last = query.window().to() == null ? null : query.window().to().minusNanos(1);
        if (from == null || last == null) {
            Window kept = KeptFrom.part(query.window(), keptFrom);
            Extent extent = kept == null
                    ? Extent.NONE
                    : query(ReportSql.extent(tenantId, kept, query.filters()), connection, Extent::ofInstants);
            RollupQuestion asked = question(tenantId, query, null);
            boolean isWidened = keptFrom != null && asked.isInRollups() && store.rollups();
            if (isWidened) {
                extent = extent.with(extentOfDropped(tenantId, asked.tenantId(), query, keptFrom, connection));
            }
            if (extent.first == null) {
                return Optional.empty();
            }
            from = from == null ? extent.first : from;
            last = last == null ? extent.last : last;
            if (isWidened && !asked.filters().isEmpty() && query.bucket() != Bucket.MONTH) {
                try {
                    return Optional.of(edges(query, from, last));
                } catch (TooManyBucketsException e) {
                    return narrowEdges(tenantId, query, connection);
                }
            }
        }
        return Optional.of(edges(query, from, last));
    }

    private static List<Instant> edges(SeriesQuery query, Instant from, Instant last) {
        return query.bucket().edges(from, last, query.zone(), SeriesQuery.MAX_BUCKETS);
    }

    /**
     * The dropped calls that set the ends may be others than those of the filter. A series of longer buckets tells where those of the
     * filter begin and end.
     */
    private Optional<List<Instant>> narrowEdges(String tenantId, SeriesQuery query, Connection connection)
            throws SQLException, UsageStoreException {
        Bucket longer = Bucket.values()[query.bucket().ordinal() + 1];
        SeriesQuery inLonger = new SeriesQuery(query.window(), longer, query.zone(), null, query.filters());
        List<SeriesBucket> buckets = withoutEmptyEnds(seriesOf(tenantId, inLonger, connection), query.window());
        if (buckets.isEmpty()) {
            return Optional.empty();
        }
        Instant from = KeptFrom.later(query.window().from(), buckets.get(0).start());
        Instant end = buckets.get(buckets.size() - 1).end();
        Instant to = query.window().to() != null && query.window().to().isBefore(end)
                ? query.window().to()
                : end;
        return Optional.of(edges(query, from, to.minusNanos(1)));
    }

    /**
     * The extent of the dropped calls.
     *
     * @param tenantId who asks; null for an answer about all tenants
     * @param ofTenant whose calls the question asks for, by itself or by its filter; null for all
     */
    private Extent extentOfDropped(
            String tenantId, String ofTenant, SeriesQuery query, Instant keptFrom, Connection connection)
            throws SQLException, UsageStoreException {
        try {
            return query(ReportSql.rollups(ofTenant, keptFrom), connection, Extent::ofQuarters);
        } catch (SQLException e) {
            if (!isDenied(e)) {
                throw e;
            }
            ReadTransaction.end(connection);
            incomplete.add(new AskedSeries(tenantId, query), e);
            return Extent.NONE;
        }
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
        return rollups && !incomplete.has(question)
                ? orRollups(question.callsKeptFrom(keptFrom), question.window())
                : question.window().callsKeptFrom(keptFrom);
    }

    @Override
    public Instant callsKeptFrom(String tenantId, SeriesQuery query) {
        Instant keptFrom = store.keptFrom().known();
        return rollups && !incomplete.has(new AskedSeries(tenantId, query))
                ? orRollups(query.callsKeptFrom(keptFrom), query.window())
                : query.window().callsKeptFrom(keptFrom);
    }

    /** Rollups can replace dropped calls in an answer. But rollups are dropped, too, and the answer lacks those. */
    private Instant orRollups(Instant keptFrom, Window window) {
        return keptFrom == null ? window.callsKeptFrom(store.keptFrom().rollupsKnown()) : keptFrom;
    }

    @Override
    public Instant callsKeptFrom(CallFilter filter) {
        return filter.window().callsKeptFrom(store.keptFrom().known());
    }

    private <T> T query(Sql sql, Connection connection, Rows<T> rows) throws SQLException, UsageStoreException {
        return query(sql, connection, maxSeconds, rows);
    }

    private <T> T query(Sql sql, Connection connection, int seconds, Rows<T> rows)
            throws SQLException, UsageStoreException {
        try (PreparedStatement statement = sql.prepare(connection)) {
            statement.setQueryTimeout(seconds);
            statement.setFetchSize(ROWS_FETCHED);
            // H2: the timeout belongs to the session, so the next user of the connection would have it too.
            try (Reset timeout = () -> statement.setQueryTimeout(0);
                    ResultSet result = statement.executeQuery()) {
                return rows.read(result);
            }
        }
    }

    /** When the first and the last of some calls started; both are null if there is no call. */
    private record Extent(Instant first, Instant last) {

        private static final Extent NONE = new Extent(null, null);

        static Extent ofInstants(ResultSet row) throws SQLException {
            row.next();
            return new Extent(Sql.instant(row, 1), Sql.instant(row, 2));
        }

        /** Rollups know only in which quarter of an hour a call started, so this has the starts of the quarters. */
        static Extent ofQuarters(ResultSet row) throws SQLException {
            row.next();
            int first = row.getInt(1);
            return row.wasNull() ? NONE : new Extent(Unit.instant(first), Unit.instant(row.getInt(2)));
        }

        /** The extent of these calls together with others. */
        Extent with(Extent other) {
            if (first == null || other.first == null) {
                return first == null ? other : this;
            }
            return new Extent(
                    other.first.isBefore(first) ? other.first : first, other.last.isAfter(last) ? other.last : last);
        }
    }

    private record AskedSeries(String tenantId, SeriesQuery query) {}

    private interface Rows<T> {
        T read(ResultSet rows) throws SQLException, UsageStoreException;
    }

    private interface RollupReading<T> {
        T of(RollupReport rollups, ReportMemory memory) throws SQLException, UsageStoreException;
    }
}
