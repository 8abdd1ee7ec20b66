package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import dev.tokentally.time.BackOff;
import dev.tokentally.usage.UsageStoreException;
import jakarta.persistence.Query;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/**
 * Drops calls and rollups that are older than their retention, on its own thread and in small steps. First it says in the store from
 * when on calls are kept. From then on no older call is stored, and the rollups before that time stay as they are. Some minutes
 * later, when every node knows it and no earlier report runs, it drops the older calls. Whatever is interrupted goes on at the next
 * round, on this node or another one.
 */
final class RetentionJob implements Runnable {

    private static final Logger LOG = QuietLog.of(RetentionJob.class);

    private static final Duration ROUND = Duration.ofMinutes(1);
    private static final int ROWS = 2000;
    private static final int LOCK_TRIES = 20;
    private static final int MESSAGE = 1000;
    private static final int MANY_ROUNDS = 5;

    /** The pauses are not all the same, so that tries do not always meet the same regular report. */
    private static final BackOff LOCK_PAUSES = new BackOff(Duration.ofMillis(100), Duration.ofMillis(700));

    private static final Duration STEP_PAUSE = Duration.ofMillis(20);

    private static final String STATE =
            "select closed, kept_from, current_timestamp from tokentally_rollup_state where id = 1";

    private static final String PAGE = """
            select tenant_id, cast(call_id as varchar(36)), starts from (
                   select tenant_id, call_id, starts from tokentally_rollup_ids
                    where (tenant_id, call_id, starts) > (cast(?1 as varchar(255)), cast(?2 as uuid), cast(?3 as integer))
                    order by tenant_id, call_id, starts fetch first 2000 rows only) page
             order by tenant_id desc, call_id desc, starts desc fetch first 1 rows only""";

    private static final String TRIM = """
            delete from tokentally_rollup_ids
             where (tenant_id, call_id, starts) > (cast(?1 as varchar(255)), cast(?2 as uuid), cast(?3 as integer))
               and (tenant_id, call_id, starts) <= (cast(?4 as varchar(255)), cast(?5 as uuid), cast(?6 as integer))
               and starts < ?7
               and (select closed from tokentally_rollup_state where id = 1) >= ?8
               and not exists (select 1 from tokentally_rollup_ids kept
                                where kept.tenant_id = tokentally_rollup_ids.tenant_id
                                  and kept.call_id = tokentally_rollup_ids.call_id and kept.starts >= ?7)""";

    /** Row 2 counts what was dropped, and says from when on rollups are kept. */
    private static final String ROLLUPS_KEPT_FROM = """
            update tokentally_rollup_state
               set kept_from = timestamp with time zone '1970-01-01 00:00:00+00' + cast(?1 as integer) * interval '15' minute
             where id = 2 and exists (select 1 from tokentally_rollups where unit = 0 and starts < ?1)""";

    private static final String ROLLUPS = """
            delete from tokentally_rollups where (tenant_id, unit, starts) in (
                   select tenant_id, unit, starts from tokentally_rollups
                    where ${units} and starts < ?1 order by starts fetch first 500 rows only)""";

    private final Store store;
    private final Optional<Duration> callRetention;
    private final Optional<Duration> rollupRetention;
    private final Clock clock;

    /** How long a node may still read older calls after the store has said from when on calls are kept. */
    private final Duration settling;

    private final OwnThread thread = new OwnThread("tokentally-retention", "drop what is older than its retention");
    private final Obstacles obstacles = new Obstacles(LOG);
    /** Null before the first round. */
    private volatile RetentionDialect retention;

    /** Whether the store answered in this round. */
    private boolean isReached;

    private int brokenRounds;
    private Instant settled;
    private Instant settledAt;
    private long settledSince;
    private Instant trimmed;
    /** On a database where changes of calls may be unmarked, the rollups before this instant were made once more. */
    private Instant checked;

    RetentionJob(Store store, Settings settings) {
        this(
                store,
                settings,
                Clock.systemUTC(),
                Duration.ofNanos(KeptFrom.FRESH_NANOS)
                        .plus(settings.reportsMaxTime())
                        .plusSeconds(10));
    }

    RetentionJob(Store store, Settings settings, Clock clock, Duration settling) {
        this.store = store;
        this.callRetention = settings.retentionOfCalls();
        this.rollupRetention = settings.retentionOfRollups();
        this.clock = clock;
        this.settling = settling;
    }

    void start(ThreadFactory threads) {
        thread.start(threads, this);
        store.ensureToo(thread);
    }

    /** A step that is running is undone, or goes on after the next start or on another node. */
    void stop() {
        thread.stop(() -> {
            RetentionDialect running = retention;
            if (running != null) {
                running.cancel();
            }
        });
    }

    @Override
    public void run() {
        boolean isDone;
        do {
            isDone = round();
            // Without a retention, this only ends what an earlier one has begun.
        } while (!(isDone && callRetention.isEmpty()) && !isStopped(ROUND));
    }

    private boolean isStopped(Duration after) {
        try {
            return thread.stopsWithin(after);
        } catch (InterruptedException meansNothing) {
            return thread.isStopping();
        }
    }

    /** Does the work that is due now. Returns whether nothing is left to do. */
    boolean round() {
        isReached = false;
        try {
            boolean isDone = drop();
            brokenRounds = 0;
            obstacles.endRound(true);
            return isDone;
        } catch (Exception | Error e) {
            if (!thread.isStopping() && isWorthALine(e)) {
                obstacles.tell(
                        Level.WARNING,
                        "Calls that are older than " + Setting.RETENTION_CALLS.key()
                                + " could not be dropped, which is tried again: ",
                        e);
            }
            obstacles.endRound(false);
            return false;
        }
    }

    /** A store that is down is told elsewhere. But a timeout of the pool may end the same statement again and again. */
    private boolean isWorthALine(Throwable failure) {
        if (ConnectionFailures.isOne(failure)) {
            return isReached && ++brokenRounds >= MANY_ROUNDS;
        }
        return isReached || callRetention.isPresent();
    }

    private boolean drop() throws Exception {
        State state = store.with(this::state);
        isReached = true;
        if (state != null && state.keptFrom == null && callRetention.isEmpty()) {
            return true;
        }
        if (retention == null) {
            retention = store.dialect().retention();
        }
        RetentionDialect.Shape shape = store.with(retention::shape);
        if (state == null || willBePartitioned(shape)) {
            return false;
        }
        if (shape.obstacle() != null) {
            obstacles.tell(
                    Level.WARNING,
                    Setting.RETENTION_CALLS.key() + " is set, but no calls are dropped: " + shape.obstacle());
            return false;
        }
        Optional<Instant> next = next(state, shape.unit());
        if (next.isPresent()) {
            if (!next.get().equals(checked)) {
                retention.makeAgain(state.keptFrom, next.get(), store);
                checked = next.get();
            }
            retention.keepFrom(next.get(), store);
            state = store.with(this::state);
        }
        if (state.keptFrom == null || !settle(state)) {
            return state.keptFrom == null && next.isEmpty();
        }
        Outcome tables = dropTables(state.keptFrom);
        boolean isDeleted = tables != Outcome.LATER && deleteRest(state.keptFrom);
        if (isDeleted && !state.keptFrom.equals(trimmed) && trimIds(state)) {
            trimmed = state.keptFrom;
        }
        dropRollups(state);
        return isDeleted && tables == Outcome.ALL && next(state, shape.unit()).isEmpty();
    }

    /** Whether the table will soon be partitioned by month. Its months can then be dropped as a whole. */
    private boolean willBePartitioned(RetentionDialect.Shape shape) {
        return shape.unit() == ChronoUnit.DAYS
                && store.partitionsItself()
                && !store.dialect().partitioning().isEmpty();
    }

    /** From when on calls could be kept; empty if that is no later than now. */
    private Optional<Instant> next(State state, ChronoUnit unit) {
        if (callRetention.isEmpty() || state.closed == Integer.MIN_VALUE) {
            return Optional.empty();
        }
        Instant from = now(state).minus(callRetention.get());
        Instant closed = Unit.instant(state.closed);
        Instant next = startOf(unit, from.isBefore(closed) ? from : closed);
        return state.keptFrom == null || next.isAfter(state.keptFrom) ? Optional.of(next) : Optional.empty();
    }

    /** A clock that is ahead must not drop calls too early. So the earlier of two clocks counts. */
    private Instant now(State state) {
        Instant here = clock.instant();
        return state.now.isBefore(here) ? state.now : here;
    }

    private static Instant startOf(ChronoUnit unit, Instant instant) {
        OffsetDateTime day = instant.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS);
        return (unit == ChronoUnit.MONTHS ? day.withDayOfMonth(1) : day).toInstant();
    }

    private State state(Connection connection) throws SQLException {
        store.keptFrom().read(connection);
        try (ReadTransaction transaction = new ReadTransaction(connection);
                PreparedStatement statement = connection.prepareStatement(STATE);
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                return null;
            }
            return new State(row.getInt(1), Sql.instant(row, 2), Sql.instant(row, 3));
        }
    }

    /**
     * Returns whether this node has known for long enough from when on calls are kept. If that has changed, the waiting begins again.
     */
    private boolean settle(State state) {
        if (!state.keptFrom.equals(settled)) {
            settled = state.keptFrom;
            settledAt = KeptFrom.later(state.now, clock.instant());
            settledSince = System.nanoTime();
        }
        return System.nanoTime() - settledSince >= settling.toNanos();
    }

    /** Drops the tables of old calls. If a report uses one, the next round tries again. */
    private Outcome dropTables(Instant from) throws Exception {
        Outcome outcome = Outcome.ALL;
        for (String table : store.with(connection -> retention.others(from, connection))) {
            obstacles.tell(
                    Level.WARNING,
                    "The calls of " + table
                            + " are too old, and reports no longer count them, but the module drops only months that"
                            + " it has made; a DBA may drop the table: drop table " + table);
            outcome = Outcome.NOT_ALL;
        }
        for (String table : store.with(connection -> retention.tables(from, connection))) {
            Optional<String> obstacle = store.with(connection -> retention.obstacle(table, connection));
            if (obstacle.isPresent()) {
                obstacles.tell(Level.WARNING, "The calls of " + table + " are too old, but " + obstacle.get());
                outcome = Outcome.NOT_ALL;
            } else {
                try {
                    if (!dropTable(table, from)) {
                        return Outcome.LATER;
                    }
                } catch (SQLException e) {
                    if (thread.isStopping() || ConnectionFailures.isOne(e)) {
                        throw e;
                    }
                    // Another node may have dropped it.
                    if (!StoreFailures.isNoTable(e)) {
                        obstacles.tell(
                                Level.WARNING,
                                "The calls of " + table + " are too old, but the table could not be dropped: "
                                        + OneLine.of(String.valueOf(e.getMessage()), MESSAGE));
                        outcome = Outcome.NOT_ALL;
                    }
                }
            }
        }
        return outcome;
    }

    /** Returns false if the next round must try again. */
    private boolean dropTable(String table, Instant from) throws Exception {
        int tries = 0;
        while (true) {
            Optional<String> dropped = store.with(connection -> dropTable(table, connection));
            if (dropped.isPresent()) {
                LOG.log(Level.INFO, "Dropped " + dropped.get() + " before " + from + why());
                return true;
            }
            if (++tries == LOCK_TRIES || isStopped(LOCK_PAUSES.after(tries))) {
                return false;
            }
        }
    }

    private Optional<String> dropTable(String table, Connection connection) throws SQLException, UsageStoreException {
        if (store.sharesSessions()) {
            return Snapshot.patiently(connection, any -> retention.dropTable(table, any));
        }
        try (UntimedSession session = UntimedSession.of(connection)) {
            return retention.dropTable(table, connection);
        }
    }

    private boolean deleteRest(Instant from) throws Exception {
        // One of the tables may have been dropped meanwhile.
        for (String table : store.with(retention::shape).tables()) {
            long deleted = 0;
            String since = null;
            RetentionDialect.Step step;
            do {
                String last = since;
                step = store.write((entities, dialect) -> retention.delete(table, last, from, ROWS, entities));
                deleted += step.calls();
                since = step.last();
            } while (step.calls() > 0 && !isStopped(STEP_PAUSE));
            if (deleted > 0) {
                LOG.log(Level.INFO, "Dropped " + deleted + " calls before " + from + " from " + table + why());
            }
            if (step.calls() > 0) {
                return false;
            }
        }
        return true;
    }

    private String why() {
        return ", as " + Setting.RETENTION_CALLS.key() + " says; their figures are in the rollups";
    }

    /**
     * Forgets call ids that no kept call has. A later call with such an id is a new invocation. Rollups tell which ids kept calls have. So
     * this waits until the rollups hold every call that was there when this node learned from when on calls are kept. Returns whether
     * it came to the end.
     */
    private boolean trimIds(State state) throws Exception {
        int closed = Unit.quarter(settledAt) + 1;
        if (state.closed < closed) {
            return false;
        }
        Object[] after = {"", "00000000-0000-0000-0000-000000000000", Integer.MAX_VALUE};
        while (after != null) {
            Object[] start = after;
            after = store.write((entities, dialect) -> {
                List<?> found =
                        parameters(entities.createNativeQuery(PAGE), start).getResultList();
                if (found.isEmpty()) {
                    return null;
                }
                Object[] last = (Object[]) found.get(0);
                // All quarters of an id are forgotten together.
                last[2] = Integer.MAX_VALUE;
                parameters(entities.createNativeQuery(TRIM), start[0], start[1], start[2], last[0], last[1], last[2])
                        .setParameter(7, state.kept())
                        .setParameter(8, closed)
                        .executeUpdate();
                return last;
            });
            if (isStopped(STEP_PAUSE)) {
                return false;
            }
        }
        return store.with(this::state).closed >= closed;
    }

    private static Query parameters(Query query, Object... values) {
        for (int i = 0; i < values.length; i++) {
            query.setParameter(i + 1, values[i]);
        }
        return query;
    }

    /**
     * Drops rollups that are older than their retention, but none of a time whose calls are kept, since reports would miss them.
     */
    private void dropRollups(State state) throws UsageStoreException {
        if (rollupRetention.isEmpty()) {
            return;
        }
        Instant old = now(state).minus(rollupRetention.get());
        Instant from = startOf(ChronoUnit.MONTHS, old.isBefore(state.keptFrom) ? old : state.keptFrom);
        store.write((entities, dialect) -> entities.createNativeQuery(ROLLUPS_KEPT_FROM)
                .setParameter(1, Unit.quarter(from))
                .executeUpdate());
        long deleted = 0;
        List<String> conditions = Stream.of(Unit.values())
                .flatMap(unit -> IntervalCells.unitsOf(unit).stream())
                .toList();
        for (String units : conditions) {
            String sql = SqlTemplate.fill(ROLLUPS, Map.of("units", units));
            int step;
            do {
                step = store.write((entities, dialect) -> entities.createNativeQuery(sql)
                        .setParameter(1, Unit.quarter(from))
                        .executeUpdate());
                deleted += step;
            } while (step > 0 && !isStopped(STEP_PAUSE));
        }
        if (deleted > 0) {
            LOG.log(
                    Level.INFO,
                    "Dropped " + deleted + " rollups before " + from + ", as " + Setting.RETENTION_ROLLUPS.key()
                            + " says");
        }
    }

    /** Whether the tables of old calls are gone. */
    private enum Outcome {
        ALL,
        /** Something stands in the way of some tables, and only a person can remove it. */
        NOT_ALL,
        /** Another transaction stands in the way of a table, or the application stops. */
        LATER
    }

    /** How far the store's rollups are, and the store's time. */
    private record State(int closed, Instant keptFrom, Instant now) {
        int kept() {
            return Unit.quarter(keptFrom);
        }
    }
}
