package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.RecordTooOldException;
import dev.tokentally.usage.Retention;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

@OnOneJdk
@DisplayName("Retention")
class RetentionTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);
    /** A run over midnight stays on its day. */
    private static final Clock AT_NOW = Clock.fixed(NOW, ZoneOffset.UTC);

    private static final OffsetDateTime THIS_MONTH =
            NOW.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);

    /** Longer than any month. */
    private static final String DAYS_60 = "60d";

    /** How long a long report takes. */
    private static final int REPORT_SECONDS = Integer.getInteger("tokentally.test.report-seconds", 1);

    private Database kind;
    private DataSource database;
    /** The same with connections that are kept. */
    private DataSource pool;

    private Store store;

    private void open(Database kind, Map<String, String> config) throws SQLException, UsageStoreException {
        this.kind = kind;
        database = config.containsKey("tokentally.partitions")
                ? TestDatabases.empty(kind)
                : TestDatabases.withTables(kind);
        pool = TestDatabases.pooled(database);
        store = node(config);
        markChanges();
    }

    private void markChanges() throws SQLException, UsageStoreException {
        RollupUpkeep upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE);
        assertThat(store.with(upkeep::marksAreMade)).isTrue();
        store.with(new RollupMaker(store.dialect(), () -> false)::step);
    }

    private Store node(Map<String, String> config) {
        Store opened = TestDatabases.store(config);
        opened.open(pool);
        new SchemaUpgrade(opened, LongSteps.Watch.NONE).tryOnce();
        return opened;
    }

    /** PostgreSQL whose first partition ends four months ago, with a partition for each month since then. */
    private void openWithMonths() throws SQLException, UsageStoreException {
        open(Database.POSTGRESQL, Map.of());
        execute("alter table llm_calls detach partition llm_calls_first");
        for (int month = -4; month <= 1; month++) {
            if (text("select to_regclass('" + name(month) + "')") == null) {
                execute("create table " + name(month) + " partition of llm_calls for values from ('" + start(month)
                        + "') to ('" + start(month + 1) + "')");
            }
        }
        execute("alter table llm_calls attach partition llm_calls_first for values from (minvalue) to ('" + start(-4)
                + "')");
        markChanges();
    }

    private static Instant start(int month) {
        return THIS_MONTH.plusMonths(month).toInstant();
    }

    private static String name(int month) {
        OffsetDateTime start = THIS_MONTH.plusMonths(month);
        return String.format(Locale.ROOT, "llm_calls_%04d_%02d", start.getYear(), start.getMonthValue());
    }

    private static Settings settings(String calls) {
        return new Settings(new MapConfig(Map.of("tokentally.retention.calls", calls)));
    }

    private RetentionJob retention(String calls) {
        return retention(settings(calls), AT_NOW);
    }

    private RetentionJob retention(Settings settings, Clock clock) {
        return new RetentionJob(store, settings, clock, Duration.ZERO);
    }

    /** On H2 a first round has the rollups made again. Nothing has changed here, so the marks of that round are removed at once. */
    private boolean round(RetentionJob retention) throws Exception {
        if (TestDatabases.marksAllChanges(kind)) {
            return retention.round();
        }
        String last = text("select coalesce(max(number), 0) from tokentally_rollup_marks");
        retention.round();
        execute("delete from tokentally_rollup_marks where number > " + last);
        return retention.round();
    }

    private void rollupsHoldAllBefore(Instant instant) throws SQLException {
        execute("update tokentally_rollup_state set closed = " + quarter(instant));
    }

    private static long quarter(Instant instant) {
        return Math.floorDiv(instant.getEpochSecond(), 900L);
    }

    private Retention state() throws Exception {
        return store.with(store.keptFrom()::read);
    }

    private void store(CallRecord... calls) throws UsageStoreException {
        new JpaUsageRepository(store).storeAll(List.of(calls));
    }

    private static CallRecord at(Instant startedAt) {
        return Calls.ok("acme", startedAt);
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("drops calls of days that are too old from one table, counts them, and says since when calls are kept")
    void oneTable(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        Instant today = NOW.truncatedTo(ChronoUnit.DAYS);
        CallRecord first = at(today.minus(2, ChronoUnit.DAYS));
        store(
                at(Instant.parse("1969-07-20T20:17:40Z")),
                at(today.minus(2, ChronoUnit.DAYS).minusMillis(1)),
                first);
        store(at(NOW), at(Instant.parse("9999-12-31T23:59:59Z")));
        rollupsHoldAllBefore(NOW);

        assertThat(round(retention("48h"))).isTrue();

        assertThat(state()).isEqualTo(new Retention(today.minus(2, ChronoUnit.DAYS), 2, 0));
        assertThat(text("select count(*) from llm_calls")).isEqualTo("3");
        assertThat(text("select count(*) from llm_calls where id = '" + first.id() + "'"))
                .isEqualTo("1");
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("drops no call that the rollups do not hold")
    void onlyWhatRollupsHold(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        Instant day = NOW.truncatedTo(ChronoUnit.DAYS).minus(10, ChronoUnit.DAYS);
        store(at(day.minusSeconds(1)), at(day), at(NOW));

        round(retention("1h"));
        assertThat(state()).isEqualTo(Retention.NONE);

        rollupsHoldAllBefore(day.plus(20, ChronoUnit.HOURS));
        execute("insert into tokentally_rollup_marks (tenant_id, starts, unit) values ('acme', " + (quarter(day) - 1)
                + ", 0)");
        round(retention("1h"));
        assertThat(state()).isEqualTo(Retention.NONE);

        execute("delete from tokentally_rollup_marks");
        assertThat(round(retention("1h"))).isTrue();
        assertThat(state()).isEqualTo(new Retention(day, 1, 0));
        assertThat(text("select count(*) from llm_calls")).isEqualTo("2");
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("never moves back, even with a longer retention or a clock that was put back")
    void neverBack(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        rollupsHoldAllBefore(NOW);
        round(retention("48h"));
        Instant keptFrom = state().keptFrom();

        round(retention("30d"));
        round(retention(settings("48h"), Clock.offset(Clock.systemUTC(), Duration.ofDays(-300))));

        assertThat(state().keptFrom()).isEqualTo(keptFrom);
    }

    @Test
    @DisplayName("drops no more if a node's clock is a year ahead of the database's clock")
    void clockAhead() throws Exception {
        open(Database.POSTGRESQL, Map.of("tokentally.partitions", "false"));
        rollupsHoldAllBefore(NOW.plus(400, ChronoUnit.DAYS));

        Instant before = Instant.now();
        round(retention(settings("48h"), Clock.offset(Clock.systemUTC(), Duration.ofDays(365))));

        // By the database's clock, and midnight may pass meanwhile.
        assertThat(state().keptFrom().plus(2, ChronoUnit.DAYS))
                .isBetween(before.truncatedTo(ChronoUnit.DAYS), Instant.now().truncatedTo(ChronoUnit.DAYS));
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("deletes in small steps until nothing is left, and waits until every node knows")
    void steps(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        String rows = TestDatabases.numbers(4500, kind);
        String uuid = TestDatabases.newId(kind);
        execute("""
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                    cost_source, status)
                select UUID, UUID, 'acme', 'chat', current_timestamp - interval '10' day, 1, 'openai', 'gpt-4o',
                    1, 1, 0, 0, 0, 0, 'none', 'ok' from ROWS""".replace("UUID", uuid).replace("ROWS", rows));
        rollupsHoldAllBefore(NOW);

        RetentionJob slow = new RetentionJob(store, settings("48h"), AT_NOW, Duration.ofHours(1));
        round(slow);
        round(slow);
        assertThat(state().keptFrom()).isNotNull();
        assertThat(text("select count(*) from llm_calls")).isEqualTo("4500");

        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            assertThat(round(retention("48h"))).isTrue();
            assertThat(log.messages()).singleElement().asString().contains("Dropped 4500 calls");
        }
        assertThat(state().droppedCalls()).isEqualTo(4500);
        assertThat(text("select count(*) from llm_calls")).isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("forgets call ids that no kept call has, and rollups that are too old themselves")
    void idsAndRollups(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        long old = quarter(NOW.minus(100, ChronoUnit.DAYS));
        long kept = quarter(NOW);
        UUID gone = UUID.randomUUID();
        UUID stays = UUID.randomUUID();
        execute("insert into tokentally_rollup_ids values ('acme', '" + gone + "', " + old + "), ('acme', '" + stays
                + "', " + old + "), ('acme', '" + stays + "', " + kept + "), ('other', '" + stays + "', " + old + ")");
        String cell = TestDatabases.bytes("00", kind);
        // From unit 3 on they are parts of quarters.
        for (int unit = 0; unit < 5; unit++) {
            execute("insert into tokentally_rollups values ('acme', " + unit + ", " + old + ", " + cell + "), ('acme', "
                    + unit + ", " + (kept - 4 * 24 * 40) + ", " + cell + ")");
        }
        rollupsHoldAllBefore(NOW);
        round(retention("48h"));
        // Calls that are in no rollup yet may have any of the ids.
        assertThat(text("select count(*) from tokentally_rollup_ids")).isEqualTo("4");
        rollupsHoldAllBefore(NOW.plus(1, ChronoUnit.HOURS));

        round(retention("48h"));
        assertThat(text("select count(*) from tokentally_rollups")).isEqualTo("10");
        assertThat(text("select count(*) from tokentally_rollup_ids where call_id = '" + gone + "'"))
                .isEqualTo("0");
        assertThat(text("select count(*) from tokentally_rollup_ids where tenant_id = 'acme'"))
                .isEqualTo("2");
        assertThat(text("select count(*) from tokentally_rollup_ids")).isEqualTo("2");

        round(retention(
                new Settings(new MapConfig(
                        Map.of("tokentally.retention.calls", "48h", "tokentally.retention.rollups", "60d"))),
                Clock.systemUTC()));
        assertThat(text("select count(*) from tokentally_rollups")).isEqualTo("5");
        assertThat(text("select count(*) from tokentally_rollups where starts = " + old))
                .isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("refuses a record from a dropped time, and counts it when asked to")
    void tooOld(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        Store other = node(Map.of("tokentally.partitions", "false"));
        rollupsHoldAllBefore(NOW);
        CallRecord late = at(NOW.minus(3, ChronoUnit.DAYS));
        CallRecord later = at(NOW.minus(3, ChronoUnit.DAYS));
        CallRecord first = at(NOW.truncatedTo(ChronoUnit.DAYS).minus(2, ChronoUnit.DAYS));
        store(late);
        round(retention("48h"));
        JpaUsageRepository calls = new JpaUsageRepository(store);

        assertThatThrownBy(() -> calls.store(later)).isInstanceOf(RecordTooOldException.class);
        assertThatThrownBy(() -> calls.storeAgain(later)).isInstanceOf(RecordTooOldException.class);
        assertThatThrownBy(() -> calls.storeAll(List.of(first, later)))
                .isInstanceOf(RecordTooOldException.class)
                .hasMessageContaining("tokentally.retention.calls");
        calls.storeAll(List.of(first));
        calls.countTooOld(2);

        if (!TestDatabases.marksAllChanges(kind)) {
            // The other node has not read the state since then, so the transaction finds out.
            JpaUsageRepository others = new JpaUsageRepository(other);
            assertThatThrownBy(() -> others.store(later)).isInstanceOf(RecordTooOldException.class);
            assertThatThrownBy(() -> new JpaUsageRepository(node(Map.of())).storeAll(List.of(later, first)))
                    .isInstanceOf(RecordTooOldException.class);
            others.store(at(NOW.minus(30, ChronoUnit.HOURS)));
        }
        assertThat(state().tooOld()).isEqualTo(2);
        assertThat(text("select count(*) from llm_calls where started_at < timestamp with time zone '"
                        + first.startedAt() + "'"))
                .isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("hides calls that are about to be dropped from lists and repricings, which say so")
    void lists(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        Instant keptFrom = NOW.truncatedTo(ChronoUnit.DAYS).minus(2, ChronoUnit.DAYS);
        CallRecord kept = at(keptFrom);
        store(at(keptFrom.minusMillis(1)), kept);
        rollupsHoldAllBefore(NOW);
        round(new RetentionJob(store, settings("48h"), AT_NOW, Duration.ofHours(1)));
        StoreReader reader = new StoreReader(store, new Settings(new MapConfig(Map.of())));
        reader.start(Thread::new);
        JdbcUsageReports reports = new JdbcUsageReports(reader, store, new Settings(new MapConfig(Map.of())));
        JpaUsageRepricing repricing = new JpaUsageRepricing(store);
        CallFilter before = new CallFilter(new Window(null, keptFrom), Map.of(), null, null);

        assertThat(text("select count(*) from llm_calls")).isEqualTo("2");
        assertThat(reports.callsOfAll(CallFilter.ALL, null, 10))
                .extracting(CallRecord::id)
                .containsExactly(kept.id());
        assertThat(reports.calls("acme", before, null, 10)).isEmpty();
        assertThat(reports.callsKeptFrom(CallFilter.ALL)).isEqualTo(keptFrom);
        assertThat(reports.callsKeptFrom(new UsageQuestion("acme", Window.ALWAYS).by(Dimension.USER)))
                .isEqualTo(keptFrom);
        assertThat(reports.callsKeptFrom(new UsageQuestion("acme", Window.ALWAYS)))
                .isNull();
        assertThat(repricing.newestCalls(Window.ALWAYS, null, 10))
                .extracting(CallRecord::id)
                .containsExactly(kept.id());
        assertThat(repricing.newestCalls(new Window(null, keptFrom), null, 10)).isEmpty();
        assertThat(repricing.callsKeptFrom(Window.ALWAYS)).isEqualTo(keptFrom);
        assertThat(repricing.callsKeptFrom(new Window(keptFrom, null))).isNull();
        reader.stop();
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("makes a report say that figures of dropped calls are missing if the rollups cannot be read")
    void unreadableRollups(Database kind) throws Exception {
        openWithDroppedCall(kind);
        UsageReports reports = Reports.of(store);
        Instant keptFrom = state().keptFrom();
        assertThat(calls(reports)).isEqualTo(2);
        assertThat(callsKeptFrom(reports)).containsOnlyNulls();

        try (CapturedLog log = CapturedLog.of(IncompleteAnswers.class.getName())) {
            execute("update tokentally_rollups set cell = " + TestDatabases.bytes("63", kind));
            assertThat(calls(reports)).isOne();
            assertThat(calls(reports)).isOne();
            assertThat(callsKeptFrom(reports)).containsOnly(keptFrom);
            assertThat(log.messages()).singleElement().asString().contains("another release");
        }
        assertThat(reports.callsKeptFrom(new UsageQuestion("acme", new Window(keptFrom, null))))
                .isNull();

        execute("delete from tokentally_rollups");
        assertThat(calls(reports)).isOne();
        assertThat(callsKeptFrom(reports)).containsOnlyNulls();
    }

    @ParameterizedTest
    @DisplayName("makes a report say that figures of dropped calls are missing if the role may not read the rollups")
    @EnumSource(Database.class)
    void forbiddenRollups(Database kind) throws Exception {
        openWithDroppedCall(kind);
        Instant keptFrom = state().keptFrom();
        String role = "reader" + UUID.randomUUID().toString().replace("-", "");
        Store other = TestDatabases.store(Map.of("tokentally.schema.migrate", "false"));
        other.open(weak(role));
        UsageReports reports = Reports.of(other);

        assertThat(calls(reports)).isOne();
        assertThat(callsKeptFrom(reports)).containsOnly(keptFrom);

        execute("revoke all on tokentally_rollup_state from " + role);
        try (CapturedLog log = CapturedLog.of(KeptFrom.class.getName())) {
            other.with(other.keptFrom()::read);
            other.with(other.keptFrom()::read);
            assertThat(log.messages()).singleElement().asString().contains("tokentally_rollup_state");
        }
        assertThat(calls(reports)).isOne();
    }

    /** A role that has a right to everything but the rollups. */
    private DataSource weak(String role) throws SQLException {
        return switch (kind) {
            case H2 -> weakOnH2(role);
            case POSTGRESQL -> weakOnPostgres(role);
        };
    }

    private DataSource weakOnH2(String role) throws SQLException {
        execute("create user " + role + " password ''");
        for (String table : List.of("llm_calls", "tokentally_nodes", "tokentally_rollup_state")) {
            execute("grant select, insert on " + table + " to " + role);
        }
        JdbcDataSource weak = new JdbcDataSource();
        weak.setURL(((JdbcDataSource) database).getURL().replace(";DB_CLOSE_DELAY=-1", ""));
        weak.setUser(role);
        return weak;
    }

    private DataSource weakOnPostgres(String role) throws SQLException {
        execute("create role " + role + " login");
        execute("grant select, insert on all tables in schema public to " + role);
        execute("revoke all on tokentally_rollups, tokentally_rollup_ids, tokentally_rollup_marks from " + role);
        PGSimpleDataSource weak = new PGSimpleDataSource();
        weak.setUrl(((PGSimpleDataSource) database).getUrl());
        weak.setUser(role);
        return weak;
    }

    /** One of two calls is dropped, and in the rollups. */
    private void openWithDroppedCall(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        store(at(NOW.minus(5, ChronoUnit.DAYS)), at(NOW));
        assertThat(new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate()).isTrue();
        rollupsHoldAllBefore(NOW.truncatedTo(ChronoUnit.DAYS));
        assertThat(round(retention("48h"))).isTrue();
        assertThat(state().droppedCalls()).isOne();
    }

    private static final SeriesQuery DAYS = new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneOffset.UTC, null);

    private static long calls(UsageReports reports) throws UsageStoreException {
        long inSeries = reports.series("acme", DAYS).stream()
                .mapToLong(bucket -> bucket.figures().totalCalls())
                .sum();
        assertThat(reports.report(new UsageQuestion("acme", Window.ALWAYS))
                        .total()
                        .perCall()
                        .totalCalls())
                .isEqualTo(inSeries);
        return inSeries;
    }

    private static List<Instant> callsKeptFrom(UsageReports reports) {
        return Arrays.asList(
                reports.callsKeptFrom(new UsageQuestion("acme", Window.ALWAYS)), reports.callsKeptFrom("acme", DAYS));
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("does the same through Hibernate")
    void hibernate(Database kind) throws Exception {
        TestDatabases.provider = "hibernate";
        try {
            steps(kind);
            idsAndRollups(kind);
            tooOld(kind);
        } finally {
            TestDatabases.provider = TestDatabases.USUAL_PROVIDER;
        }
    }

    @Test
    @DisplayName("understands the state TK002 of a trigger as a record that is too old")
    void trigger() throws Exception {
        open(Database.POSTGRESQL, Map.of());
        execute("""
                create function refuse() returns trigger language plpgsql as $$ begin
                    raise exception using errcode = 'TK002', message = 'too old';
                end $$""");
        execute("create trigger refuse after insert on llm_calls for each statement execute function refuse()");

        assertThatThrownBy(() -> store(at(NOW))).isInstanceOf(RecordTooOldException.class);
        assertThatThrownBy(() -> new JpaUsageRepository(store).store(at(NOW)))
                .isInstanceOf(RecordTooOldException.class);
    }

    @Test
    @DisplayName("drops whole months on PostgreSQL, and deletes the rest from the first and the default partition")
    void months() throws Exception {
        openWithMonths();
        store(at(Instant.parse("1969-07-20T20:17:40Z")), at(start(-4).minusSeconds(1)));
        store(at(start(-4)), at(start(-3).minusMillis(1)), at(start(-3)), at(start(-2)), at(NOW));
        store(at(Instant.parse("9999-12-31T23:59:59Z")));
        rollupsHoldAllBefore(NOW);

        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            long days = ChronoUnit.DAYS.between(start(-2), NOW);
            assertThat(round(retention(days + "d"))).isTrue();
            assertThat(log.messages())
                    .hasSize(3)
                    .anyMatch(line -> line.contains("Dropped llm_calls_first with 2 calls"))
                    .anyMatch(line -> line.contains("Dropped " + name(-4) + " with 2 calls"))
                    .anyMatch(line -> line.contains("Dropped " + name(-3) + " with 1 calls"));
        }

        assertThat(state()).isEqualTo(new Retention(start(-2), 5, 0));
        assertThat(text("select count(*) from llm_calls")).isEqualTo("3");
        assertThat(text("select to_regclass('llm_calls_first') is null and to_regclass('" + name(-3) + "') is null"))
                .isEqualTo("t");
        assertThat(text("select to_regclass('" + name(-2) + "') is not null")).isEqualTo("t");
        execute("insert into llm_calls select * from llm_calls where false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ACCOUNTS", "BY DEFAULT", "CALLS", "LIMITED", "MARKED", "NAMES", "PARTS", "${calls}"})
    @DisplayName("drops months, and deletes from the first partition, in whatever schema a DBA has put them")
    void otherSchema(String schema) throws Exception {
        openWithMonths();
        execute("create schema \"" + schema + "\"");
        for (String table : List.of("llm_calls_first", name(-4))) {
            execute("alter table " + table + " set schema \"" + schema + "\"");
        }
        store(at(start(-5).minusSeconds(1)), at(start(-5)), at(start(-4)), at(start(-3)), at(NOW));
        rollupsHoldAllBefore(NOW);

        round(retention(ChronoUnit.DAYS.between(start(-5), NOW) + "d"));
        assertThat(state()).isEqualTo(new Retention(start(-5), 1, 0));

        round(retention(ChronoUnit.DAYS.between(start(-3), NOW) + "d"));
        assertThat(state()).isEqualTo(new Retention(start(-3), 3, 0));
        assertThat(text("select count(*) from llm_calls")).isEqualTo("2");
        assertThat(text(
                        "select count(*) from pg_class where relkind = 'r' and relnamespace = (select oid from pg_namespace"
                                + " where nspname = '" + schema + "')"))
                .isEqualTo("0");
    }

    @Test
    @DisplayName("drops nothing while somebody has turned off the triggers that mark changes")
    void triggersOff() throws Exception {
        open(Database.POSTGRESQL, Map.of());
        assertThat(new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate()).isTrue();
        store(at(start(-1).minusSeconds(1)), at(NOW));
        rollupsHoldAllBefore(NOW);
        execute(
                "delete from tokentally_rollup_marks; alter table llm_calls_first disable trigger tokentally_marks_update");
        RetentionJob retention = retention(ChronoUnit.DAYS.between(start(-1), NOW) + "d");

        round(retention);
        assertThat(state()).isEqualTo(new Retention(null, 0, 0));

        execute("alter table llm_calls_first enable trigger tokentally_marks_update");
        round(retention);
        assertThat(state()).isEqualTo(new Retention(null, 0, 0));

        assertThat(new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate()).isTrue();
        round(retention);
        assertThat(state()).isEqualTo(new Retention(start(-1), 1, 0));
    }

    @Test
    @DisplayName("drops nothing while such a trigger is missing, and not before the rollups are made again afterwards")
    void triggerDropped() throws Exception {
        open(Database.POSTGRESQL, Map.of());
        store(at(NOW));
        rollupsHoldAllBefore(NOW);
        execute("drop trigger tokentally_marks_insert on llm_calls");
        store(at(start(-1).minusSeconds(1)));
        RetentionJob retention = retention(ChronoUnit.DAYS.between(start(-1), NOW) + "d");

        round(retention);
        assertThat(state()).isEqualTo(new Retention(null, 0, 0));

        assertThat(store.with(new RollupUpkeep(store, LongSteps.Watch.NONE)::marksAreMade))
                .isTrue();
        round(retention);
        assertThat(state()).isEqualTo(new Retention(null, 0, 0));

        assertThat(new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate()).isTrue();
        round(retention);
        assertThat(state()).isEqualTo(new Retention(start(-1), 1, 0));
    }

    @Test
    @DisplayName("drops no month that was away while rollups were made, until they are made again")
    void detachedMeanwhile() throws Exception {
        openWithMonths();
        store(at(start(-2)), at(start(-1)), at(NOW));
        RollupUpkeep upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE);
        assertThat(upkeep.upToDate()).isTrue();
        RetentionJob retention = retention(ChronoUnit.DAYS.between(start(-1), NOW) + "d");
        execute("alter table llm_calls detach partition " + name(-2));
        round(retention);
        assertThat(state()).isEqualTo(Retention.NONE);
        assertThat(upkeep.upToDate()).isTrue();
        execute("alter table llm_calls attach partition " + name(-2) + " for values from ('" + start(-2) + "') to ('"
                + start(-1) + "')");

        round(retention);
        assertThat(state()).isEqualTo(Retention.NONE);

        assertThat(upkeep.upToDate()).isTrue();
        try (CapturedLog log = CapturedLog.of(RollupMarks.class.getName())) {
            round(retention);
            assertThat(state()).isEqualTo(new Retention(start(-1), 1, 0));
            assertThat(text("select to_regclass('" + name(-2) + "') is null")).isEqualTo("t");
            assertThat(upkeep.upToDate()).isTrue();
            assertThat(log.messages()).as("its own drop").isEmpty();
        }
        assertThat(text("select count(*) from tokentally_rollup_marks")).isEqualTo("0");
        assertThat(calls(Reports.of(store))).isEqualTo(3);
    }

    @Test
    @DisplayName("sees what a late writer committed while it waited, whatever the isolation of the database is")
    void repeatableRead() throws Exception {
        open(Database.POSTGRESQL, Map.of());
        store(at(NOW));
        rollupsHoldAllBefore(NOW);
        execute("update tokentally_rollup_state set closing = closed where id = 1");
        set("default_transaction_isolation", "repeatable read");
        assertThat(text("show transaction isolation level")).isEqualTo("repeatable read");
        RetentionJob retention = retention(ChronoUnit.DAYS.between(start(-1), NOW) + "d");
        CompletableFuture<Boolean> round;
        try (Connection vacuum = database.getConnection()) {
            vacuum.setAutoCommit(false);
            vacuum.createStatement().execute("lock table only llm_calls_first in share update exclusive mode");
            round = CompletableFuture.supplyAsync(retention::round, TestDatabases.THREADS);
            while (!round.isDone()
                    && "0"
                            .equals(text("select count(*) from pg_locks join pg_database on pg_database.oid = database"
                                    + " where datname = current_database() and not granted and mode = 'ShareUpdateExclusiveLock'"
                                    + " and relation = to_regclass('llm_calls_first')"))) {
                Pause.sleep(10);
            }
            assertThat(round).isNotDone();
            store(at(start(-1).minusSeconds(1)));
            assertThat(text("select count(*) from tokentally_rollup_marks")).isEqualTo("1");
        }
        round.join();
        assertThat(state()).isEqualTo(new Retention(null, 0, 0));

        execute("delete from tokentally_rollup_marks");
        round(retention);
        assertThat(state()).isEqualTo(new Retention(start(-1), 1, 0));
    }

    @Test
    @DisplayName("holds no lock while its node stops for a while before it ends a transaction")
    void noLockAtTheCommit() throws Exception {
        openWithMonths();
        store(at(start(-4)), at(NOW));
        rollupsHoldAllBefore(NOW);
        execute("delete from tokentally_rollup_marks");
        AtomicInteger commits = new AtomicInteger();
        store = TestDatabases.store(Map.of());
        store.open(new DataSourceWrapper(database) {
            @Override
            Connection prepared(Connection connection) {
                return Intercepted.of(Connection.class, connection, call -> {
                    if (call.method().equals("commit")) {
                        commits.incrementAndGet();
                        assertThat(text("select count(*) from pg_locks join pg_database on pg_database.oid = database"
                                        + " where datname = current_database() and relation = to_regclass('llm_calls')"
                                        + " and mode in ('ShareLock', 'AccessExclusiveLock')"))
                                .isEqualTo("0");
                    }
                    return call.proceed();
                });
            }
        });

        assertThat(round(retention(DAYS_60))).isTrue();

        assertThat(state().droppedCalls()).isEqualTo(1);
        assertThat(commits.get()).isGreaterThan(2);
    }

    @Test
    @DisplayName("waits for a writer in a partition of a partition, which a DBA has made")
    void twoLevels() throws Exception {
        openWithMonths();
        execute("drop table " + name(-4));
        execute("create table " + name(-4) + " partition of llm_calls for values from ('" + start(-4) + "') to ('"
                + start(-3) + "') partition by hash (tenant_id)");
        execute("create table leaf partition of " + name(-4) + " for values with (modulus 1, remainder 0)");
        markChanges();
        rollupsHoldAllBefore(NOW);
        try (Connection writer = database.getConnection()) {
            writer.setAutoCommit(false);
            writer.createStatement().execute("lock table leaf in row exclusive mode");
            round(retention(DAYS_60));
            assertThat(state().keptFrom()).isNull();
        }
        round(retention(DAYS_60));
        assertThat(state().keptFrom()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"'Postgres, DMY', Asia/Kolkata", "'SQL, MDY', Africa/Lagos", "German, Asia/Shanghai"})
    @DisplayName("reads the bounds of months right, whatever style of dates and time zone the database has")
    void styleOfDates(String style, String zone) throws Exception {
        openWithMonths();
        set("datestyle", style);
        set("timezone", zone);
        store(at(start(-4).minusSeconds(1)), at(start(-3).minusMillis(1)), at(start(-3)), at(NOW));
        rollupsHoldAllBefore(NOW);

        assertThat(round(retention(ChronoUnit.DAYS.between(start(-3), NOW) + "d")))
                .isTrue();

        assertThat(state()).isEqualTo(new Retention(start(-3), 2, 0));
        assertThat(text("select to_regclass('" + name(-4) + "') is null and to_regclass('" + name(-3)
                        + "') is not null"))
                .isEqualTo("t");
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("drops nothing while there are calls from before the year 1, which no rollup holds, and says so once")
    void beforeTheYearOne(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        store(at(NOW.minus(3, ChronoUnit.DAYS)), at(NOW.minus(4, ChronoUnit.DAYS)), at(NOW));
        rollupsHoldAllBefore(NOW);
        String earlier =
                switch (kind) {
                    case H2 -> "timestamp with time zone '0001-01-01 00:00:00+00' - interval '1' second";
                    case POSTGRESQL -> "'-infinity'";
                };
        execute("update llm_calls set started_at = " + earlier
                + " where started_at = (select min(started_at) from llm_calls)");

        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            RetentionJob retention = retention("48h");
            round(retention);
            round(retention);
            assertThat(log.messages()).singleElement().asString().contains("before the year 1");
        }
        assertThat(state()).isEqualTo(Retention.NONE);

        execute("delete from llm_calls where started_at < timestamp with time zone '0001-01-01 00:00:00+00'");
        execute("delete from tokentally_rollup_marks");
        assertThat(round(retention("48h"))).isTrue();
        assertThat(state().droppedCalls()).isOne();
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("lets no repricing change calls that it had read before they were to be dropped")
    void repricing(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        Instant keptFrom = NOW.truncatedTo(ChronoUnit.DAYS).minus(2, ChronoUnit.DAYS);
        Cost unknown = new Cost(new BigDecimal("0.0000000000"), CostSource.NONE);
        CallRecord old = at(keptFrom.minusMillis(1)).withCost(unknown);
        store(old, at(keptFrom).withCost(unknown));
        rollupsHoldAllBefore(NOW);
        JpaUsageRepricing repricing = new JpaUsageRepricing(node(Map.of("tokentally.partitions", "false")));
        Cost seven = new Cost(new BigDecimal("7.0000000000"), CostSource.PRICE_LIST);
        List<CostChange> page = repricing.newestCalls(Window.ALWAYS, null, 10).stream()
                .map(call -> new CostChange(call, seven))
                .toList();
        assertThat(page).hasSize(2);
        round(new RetentionJob(store, settings("48h"), AT_NOW, Duration.ofHours(1)));
        assertThat(state().keptFrom()).isEqualTo(keptFrom);

        assertThat(repricing.reprice(page)).containsExactly(old.id());

        assertThat(text("select count(*) from llm_calls where cost_usd = 7")).isEqualTo("1");
        assertThat(repricing.callsKeptFrom(Window.ALWAYS)).isEqualTo(keptFrom);
        assertThat(repricing.reprice(page.subList(1, 2))).containsExactly(old.id());
    }

    @Test
    @DisplayName("deletes from the first partition while that holds calls that are kept")
    void firstPartition() throws Exception {
        open(Database.POSTGRESQL, Map.of());
        store(at(start(-1).minusSeconds(1)), at(start(-1)), at(NOW));
        rollupsHoldAllBefore(NOW);

        assertThat(round(retention(ChronoUnit.DAYS.between(start(-1), NOW) + "d")))
                .isTrue();

        assertThat(state()).isEqualTo(new Retention(start(-1), 1, 0));
        assertThat(text("select count(*) from llm_calls_first")).isEqualTo("2");
    }

    @Test
    @DisplayName("of an hour keeps the current month if whole months are dropped")
    void anHour() throws Exception {
        openWithMonths();
        Instant from = NOW.minus(1, ChronoUnit.HOURS)
                .atOffset(ZoneOffset.UTC)
                .truncatedTo(ChronoUnit.DAYS)
                .withDayOfMonth(1)
                .toInstant();
        store(at(from), at(from.minusSeconds(1)), at(NOW));
        rollupsHoldAllBefore(NOW);

        assertThat(round(retention("1h"))).isTrue();

        assertThat(state()).isEqualTo(new Retention(from, 1, 0));
    }

    @Test
    @DisplayName("goes on after a node was killed that had detached a month")
    void killed() throws Exception {
        openWithMonths();
        store(at(start(-4)), at(start(-4)), at(NOW));
        rollupsHoldAllBefore(NOW);
        execute("update tokentally_rollup_state set kept_from = '" + start(-3) + "'");
        execute("update tokentally_rollup_state set triggers = triggers - cast(cast('" + name(-4)
                + "' as regclass)::oid as text) where id = 1; alter table llm_calls detach partition " + name(-4));
        execute("comment on table " + name(-4) + " is 'Tokentally drops this table, since its calls are too old'");
        // A DBA has detached this one, and keeps it.
        execute("create table llm_calls_2001_01 (like llm_calls)");

        assertThat(round(retention(DAYS_60))).isTrue();

        assertThat(text("select to_regclass('" + name(-4) + "') is null")).isEqualTo("t");
        assertThat(text("select to_regclass('llm_calls_2001_01') is null")).isEqualTo("f");
        assertThat(state().droppedCalls()).isEqualTo(2);
    }

    @Test
    @DisplayName("says once what depends on a month, and drops the other months")
    void dependents() throws Exception {
        openWithMonths();
        store(at(start(-4).minusSeconds(1)), at(start(-4)), at(start(-3)), at(start(-2)), at(NOW));
        rollupsHoldAllBefore(NOW);
        execute("create view dear_calls as select * from " + name(-4) + " where cost_usd > 1");
        execute(
                "create table notes (tenant_id varchar, started_at timestamptz, id uuid, constraint \"of a call\" foreign key"
                        + " (tenant_id, started_at, id) references " + name(-2) + " (tenant_id, started_at, id))");
        RetentionJob retention = retention(ChronoUnit.DAYS.between(start(-1), NOW) + "d");

        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            assertThat(retention.round()).isFalse();
            retention.round();
            retention.round();
            assertThat(log.messages())
                    .hasSize(4)
                    .anyMatch(line -> line.contains(name(-4)) && line.endsWith(": drop view dear_calls"))
                    .anyMatch(line -> line.contains(name(-2))
                            && line.endsWith(": alter table notes drop constraint \"of a call\""));
        }
        assertThat(state()).isEqualTo(new Retention(start(-1), 2, 0));
        assertThat(text("select to_regclass('" + name(-3) + "') is null")).isEqualTo("t");

        // As an earlier release left it.
        execute("alter table llm_calls detach partition " + name(-4));
        execute("comment on table " + name(-4) + " is 'Tokentally drops this table, since its calls are too old'");
        execute("alter table notes drop constraint \"of a call\"");
        retention.round();
        assertThat(state().droppedCalls()).isEqualTo(3);
        execute("drop view dear_calls");
        assertThat(retention.round()).isTrue();
        assertThat(state().droppedCalls()).isEqualTo(4);
        assertThat(text("select to_regclass('" + name(-4) + "') is null and to_regclass('" + name(-2) + "') is null"))
                .isEqualTo("t");
    }

    @Test
    @DisplayName("says once which months somebody has renamed, and leaves these to the DBA")
    void renamedMonth() throws Exception {
        openWithMonths();
        store(at(start(-4)), at(start(-3)), at(NOW));
        rollupsHoldAllBefore(NOW);
        execute("alter table " + name(-4) + " rename to calls_of_old");
        RetentionJob retention = retention(ChronoUnit.DAYS.between(start(-1), NOW) + "d");

        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            assertThat(retention.round()).isFalse();
            retention.round();
            assertThat(log.messages())
                    .filteredOn(line -> line.contains("calls_of_old"))
                    .singleElement()
                    .asString()
                    .endsWith("drop table calls_of_old");
        }
        assertThat(state().droppedCalls()).isOne();

        execute("drop table calls_of_old");
        assertThat(retention.round()).isTrue();
    }

    @ParameterizedTest
    @DisplayName("ends what it has begun, even if it is no longer set, and does nothing else then")
    @EnumSource(Database.class)
    void noLongerSet(Database kind) throws Exception {
        open(kind, Map.of());
        store(at(NOW.minus(90, ChronoUnit.DAYS)), at(NOW));
        rollupsHoldAllBefore(NOW);
        RetentionJob none = retention(new Settings(new MapConfig(Map.of())), AT_NOW);
        assertThat(none.round()).isTrue();
        assertThat(state().droppedCalls()).isZero();

        execute("update tokentally_rollup_state set kept_from = timestamp with time zone '"
                + start(-1).toString().replace('T', ' ').replace("Z", "+00") + "' where id = 1");
        assertThat(none.round()).isTrue();

        assertThat(state().droppedCalls()).isOne();
    }

    @Test
    @DisplayName("says once which foreign key to llm_calls refers to a call of a month, and drops the other months")
    void foreignKey() throws Exception {
        openWithMonths();
        store(at(start(-4)), at(start(-3)), at(NOW));
        rollupsHoldAllBefore(NOW);
        execute("create table notes as select tenant_id, started_at, id from " + name(-4));
        execute("alter table notes add foreign key (tenant_id, started_at, id) references llm_calls");
        RetentionJob retention = retention(ChronoUnit.DAYS.between(start(-2), NOW) + "d");

        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            retention.round();
            retention.round();
            assertThat(log.messages())
                    .filteredOn(line -> line.contains(name(-4)))
                    .singleElement()
                    .asString()
                    .contains("notes")
                    .doesNotContain("\n");
        }
        assertThat(text("select to_regclass('" + name(-3) + "') is null")).isEqualTo("t");
        execute("drop table notes");
        assertThat(retention.round()).isTrue();
        assertThat(state().droppedCalls()).isEqualTo(2);
    }

    @Test
    @DisplayName("stops at once while a statement waits for a lock")
    void stops() throws Exception {
        openWithMonths();
        rollupsHoldAllBefore(NOW);
        execute("update tokentally_rollup_state set kept_from = '" + start(-3) + "'");
        execute("alter table llm_calls detach partition " + name(-4));
        execute("comment on table " + name(-4) + " is 'Tokentally drops this table, since its calls are too old'");
        List<Thread> threads = new ArrayList<>();
        RetentionJob retention = retention(DAYS_60);
        try (Connection other = database.getConnection()) {
            other.setAutoCommit(false);
            other.createStatement().execute("lock table " + name(-4) + " in access exclusive mode");
            retention.start(work -> {
                threads.add(new Thread(work));
                return threads.get(0);
            });
            while ("0"
                    .equals(text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                            + " and query like 'select count(*) from %' and datname = current_database()"))) {
                Pause.sleep(10);
            }
            retention.stop();
            assertThat(threads.get(0).isAlive()).isFalse();
        }
        assertThat(text("select to_regclass('" + name(-4) + "') is null")).isEqualTo("f");
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("and the other background work go on after an Error")
    void errors(Database kind) throws Exception {
        open(kind, Map.of("tokentally.partitions", "false"));
        rollupsHoldAllBefore(NOW);
        AtomicInteger errors = new AtomicInteger();
        Store failing = TestDatabases.store(Map.of("tokentally.partitions", "false"));
        failing.open(new DataSourceWrapper(database) {
            @Override
            Connection prepared(Connection connection) throws SQLException {
                if (errors.getAndDecrement() > 0) {
                    connection.close();
                    throw new StackOverflowError();
                }
                return connection;
            }
        });
        RetentionJob retention = new RetentionJob(failing, settings("48h"), AT_NOW, Duration.ZERO);
        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            errors.set(1);
            assertThat(retention.round()).isFalse();
            assertThat(log.messages()).singleElement().asString().contains("StackOverflowError");
        }
        round(retention);
        assertThat(state().keptFrom()).isNotNull();

        RollupUpkeep upkeep = new RollupUpkeep(failing, LongSteps.Watch.NONE);
        SchemaUpgrade upgrade = new SchemaUpgrade(failing, LongSteps.Watch.NONE);
        errors.set(1);
        assertThat(upkeep.upToDate()).isFalse();
        assertThat(upkeep.upToDate()).isTrue();
        errors.set(1);
        assertThat(upgrade.tryOnce()).isFalse();
        assertThat(upgrade.tryOnce()).isTrue();
    }

    @Test
    @DisplayName("leaves a table alone that a DBA has partitioned, and says so once")
    void byDba() throws Exception {
        open(Database.POSTGRESQL, Map.of("tokentally.partitions", "false"));
        execute("alter table llm_calls rename to old_calls");
        execute("create table llm_calls (like old_calls including defaults) partition by range (started_at)");
        execute(
                "create table llm_calls_2001_01 partition of llm_calls for values from ('2001-01-01') to ('2001-02-01')");
        rollupsHoldAllBefore(NOW);

        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            RetentionJob retention = retention("48h");
            round(retention);
            round(retention);
            assertThat(log.messages()).singleElement().asString().contains("a DBA has partitioned llm_calls");
        }
        assertThat(state()).isEqualTo(Retention.NONE);
        assertThat(text("select to_regclass('llm_calls_2001_01') is null")).isEqualTo("f");
    }

    @Test
    @DisplayName("says once which rights a role lacks, and drops nothing")
    void withoutRights() throws Exception {
        openWithMonths();
        store(at(start(-4)));
        rollupsHoldAllBefore(NOW);
        String role = "writer" + UUID.randomUUID().toString().replace("-", "");
        execute("create role " + role + " login");
        execute("grant select, insert, update on all tables in schema public to " + role);
        PGSimpleDataSource weak = new PGSimpleDataSource();
        weak.setUrl(((PGSimpleDataSource) database).getUrl());
        weak.setUser(role);
        store = TestDatabases.store(Map.of("tokentally.schema.migrate", "false"));
        store.open(weak);

        try (CapturedLog log = CapturedLog.of(RetentionJob.class.getName())) {
            RetentionJob retention = retention("48h");
            round(retention);
            round(retention);
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .contains("does not own llm_calls")
                    .contains("grant postgres to " + role);
        }
        assertThat(state()).isEqualTo(Retention.NONE);
        assertThat(text("select count(*) from llm_calls")).isEqualTo("1");
    }

    @Test
    @DisplayName("drops a month under load while a long report runs: no report is wrong, and no writer waits for long")
    void underLoad() throws Exception {
        List<Waits> rounds = new ArrayList<>();
        do {
            rounds.add(dropUnderLoad());
        } while (rounds.size() < 3 && rounds.stream().noneMatch(Waits::areShort));
        assertThat(rounds).anyMatch(Waits::areShort);
    }

    /**
     * How long others waited in a round. Another process may take the machine's time in one round, so the best of three counts.
     *
     * @param lockMillis the longest time in which a transaction held the lock or waited for it
     * @param writeMillis the longest write
     */
    private record Waits(long lockMillis, long writeMillis) {
        boolean areShort() {
            return lockMillis <= 100 && writeMillis < REPORT_SECONDS * 1000L / 2;
        }
    }

    private Waits dropUnderLoad() throws Exception {
        openWithMonths();
        seesLocks("llm_calls");
        seesLocks("llm_calls_default");
        store(at(start(-4)), at(start(-4).plusSeconds(60)), at(start(-3)));
        assertThat(new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate()).isTrue();
        Store slow = slowNode();
        AtomicBoolean ends = new AtomicBoolean();
        AtomicInteger stored = new AtomicInteger();
        AtomicLong longestWrite = new AtomicLong();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(
                () -> {
                    while (!ends.get()) {
                        long begun = System.nanoTime();
                        try {
                            store(at(Instant.now()));
                            stored.incrementAndGet();
                        } catch (UsageStoreException e) {
                            throw new IllegalStateException(e);
                        }
                        longestWrite.accumulateAndGet(System.nanoTime() - begun, Math::max);
                    }
                },
                TestDatabases.THREADS);
        LockWatch watch = new LockWatch(database, ends);
        CompletableFuture<Void> watching = CompletableFuture.runAsync(watch, TestDatabases.THREADS);
        CompletableFuture<List<Long>> shortReports =
                CompletableFuture.supplyAsync(() -> rightReports(store, 10, ends), TestDatabases.THREADS);
        CompletableFuture<List<Long>> longReports =
                CompletableFuture.supplyAsync(() -> rightReports(slow, 1000, ends), TestDatabases.THREADS);
        awaitOneOf(longReports);
        // The first report ends before anything is dropped, as with the usual time.
        RetentionJob retention = new RetentionJob(
                store,
                settings(ChronoUnit.DAYS.between(start(-3), NOW) + "d"),
                Clock.systemUTC(),
                Duration.ofSeconds(REPORT_SECONDS + 1));

        do {
            awaitOneOf(longReports);
        } while (!round(retention) && !longReports.isDone() && !shortReports.isDone());
        awaitOneOf(longReports);
        ends.set(true);
        writer.join();
        watching.join();

        List<Long> millis = longReports.join();
        assertThat(millis).hasSizeGreaterThan(2).allMatch(took -> took >= REPORT_SECONDS * 1000L);
        assertThat(shortReports.join()).isNotEmpty();
        assertThat(state().droppedCalls()).isEqualTo(2);
        assertThat(text("select count(*) from llm_calls")).isEqualTo(Integer.toString(stored.get() + 1));
        assertThat(stored.get()).isPositive();
        System.getLogger(RetentionTest.class.getName())
                .log(
                        System.Logger.Level.INFO,
                        watch.samples() + " samples of pg_locks, ACCESS EXCLUSIVE for at most "
                                + watch.longestMillis() + " ms; the longest of " + stored + " writes took "
                                + longestWrite.get() / 1_000_000 + " ms; "
                                + shortReports.join().size() + " short reports, and " + millis.size()
                                + " long ones of up to "
                                + Collections.max(millis) + " ms");
        return new Waits(watch.longestMillis(), longestWrite.get() / 1_000_000);
    }

    /** A watch that looks for the wrong locks finds none, whatever the module does. So the test takes one itself. */
    private void seesLocks(String table) throws Exception {
        AtomicBoolean ends = new AtomicBoolean();
        LockWatch watch = new LockWatch(database, ends);
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table only " + table + " in access exclusive mode");
            CompletableFuture<Void> watching = CompletableFuture.runAsync(watch, TestDatabases.THREADS);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (watch.longestMillis() == 0 && System.nanoTime() < deadline) {
                Pause.sleep(5);
            }
            ends.set(true);
            watching.join();
            connection.rollback();
        }
        assertThat(watch.longestMillis()).as(table).isPositive();
    }

    /** A node of a role whose reports take long when they read the only call that is kept, and hold their locks meanwhile. */
    private Store slowNode() throws SQLException {
        String role = "slow" + UUID.randomUUID().toString().replace("-", "");
        execute("create role " + role + " login");
        execute("grant select on all tables in schema public to " + role);
        execute("alter table llm_calls enable row level security");
        execute("create policy slow on llm_calls using (started_at <> '" + start(-3) + "' or pg_sleep(" + REPORT_SECONDS
                + ") is not null)");
        PGSimpleDataSource slow = new PGSimpleDataSource();
        slow.setUrl(((PGSimpleDataSource) database).getUrl());
        slow.setUser(role);
        Store node = TestDatabases.store(Map.of("tokentally.schema.migrate", "false"));
        node.open(slow);
        return node;
    }

    private void awaitOneOf(CompletableFuture<?> longReports) throws SQLException {
        while (!longReports.isDone()
                && "0"
                        .equals(text(
                                "select count(*) from pg_stat_activity where state = 'active' and wait_event = 'PgSleep'"
                                        + " and datname = current_database()"))) {
            Pause.sleep(10);
        }
    }

    /**
     * Asks again and again for the three oldest calls, of which two are dropped: from rollups, and from the calls.
     *
     * @return how long each answer took
     */
    private static List<Long> rightReports(Store of, int pauseMillis, AtomicBoolean ends) {
        UsageReports reports = Reports.of(of);
        List<Long> millis = new ArrayList<>();
        UsageQuestion fromRollups =
                new UsageQuestion("acme", new Window(null, start(-3).plusSeconds(60)));
        UsageQuestion fromCalls = fromRollups.by(Dimension.USER);
        try {
            while (!ends.get()) {
                for (UsageQuestion question : List.of(fromCalls, fromRollups)) {
                    long begun = System.nanoTime();
                    long calls = reports.report(question).total().perCall().totalCalls();
                    millis.add((System.nanoTime() - begun) / 1_000_000);
                    Instant keptFrom = of.with(of.keptFrom()::read).keptFrom();
                    if (calls != 3
                            && !(question == fromCalls
                                    && calls == 1
                                    && start(-3).equals(keptFrom))) {
                        throw new IllegalStateException(question + " has " + calls + " calls, kept from " + keptFrom);
                    }
                    Pause.sleep(pauseMillis);
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return millis;
    }

    /** Sets it for the connections that come, and opens the store with such connections. */
    private void set(String setting, String value) throws SQLException {
        execute("do $$ begin execute format('alter database %I set " + setting + " = %L', current_database(), '" + value
                + "'); end $$");
        pool = TestDatabases.pooled(database);
        store = node(Map.of());
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String text(String query) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
