package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Figures;
import dev.tokentally.usage.RecordTooOldException;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.Window;
import dev.tokentally.usage.WriteConflictException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** On PostgreSQL, where others write calls too. The reports are compared with those from the calls. */
@OnOneJdk
@DisplayName("Rollups on PostgreSQL notice every change of calls")
class RollupMarksTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);

    /** A quarter of an hour that is over, and another one. */
    private static final Instant OLD = NOW.minus(40, ChronoUnit.DAYS);

    private static final Instant RECENT = NOW.minus(50, ChronoUnit.MINUTES);

    /** What a node of the release 0.1 writes. */
    private static final String INSERT =
            "insert into %s (id, call_id, tenant_id, operation, started_at, call_duration_ms, model,"
                    + " input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source, status)"
                    + " values ('%s', '%s', 'acme', 'chat', '%s', 70, 'gpt-4o', 7, 7, 0, 0, 0, 0.7, 'price-list', 'ok')";

    private final DataSource database = TestDatabases.withTables(Database.POSTGRESQL);
    private final DataSource pool = TestDatabases.pooled(database);
    private final Store store = TestDatabases.opened(pool);
    private final Store without = TestDatabases.store(Map.of("tokentally.rollups", "false"));
    private final RollupUpkeep upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE);

    @BeforeEach
    void fill() throws Exception {
        without.open(pool);
        new JpaUsageRepository(store).storeAll(RollupsTest.calls(new Random(1), 30, OLD, RECENT));
        assertThat(upkeep.upToDate()).isTrue();
        assertThat(marks()).isZero();
        same();
    }

    @ParameterizedTest
    @DisplayName("any statement on the table or on a partition")
    @ValueSource(
            strings = {
                "update llm_calls set cost_usd = cost_usd + 1 where tenant_id = 'acme'",
                "update llm_calls set tenant_id = '🦊' where tenant_id = 'acme'",
                "update llm_calls set started_at = started_at + interval '1 day' where tenant_id = 'acme'",
                "update llm_calls set model = 'other', status = 'ok', error_class = null where tenant_id = 'acme'",
                "update llm_calls set call_id = gen_random_uuid()",
                "update llm_calls_first set output_tokens = output_tokens + 1",
                "delete from llm_calls where tenant_id = 'acme'",
                "delete from llm_calls_first where input_tokens < 500",
                "truncate llm_calls",
                "insert into llm_calls select * from llm_calls on conflict do nothing; delete from llm_calls where tenant_id = '🦊'"
            })
    void statements(String sql) throws Exception {
        execute(sql);
        assertThat(marks()).isPositive();
        same();
        upkeep.upToDate();
        assertThat(marks()).isZero();
        same();
    }

    /** The function of the triggers has a list of columns of its own, which must have them all. */
    @Test
    @DisplayName("a statement that changes nothing but one of the columns that rollups keep")
    void keptColumns() throws Exception {
        for (CallColumn<?> column : Combination.COLUMNS) {
            execute("update llm_calls set " + column + " = "
                    + (column.equals(CallColumn.COST_SOURCE) ? "'" + CostSource.PARTIAL.label() + "'" : "'other'"));
            assertThat(marks()).as(column.columnName()).isPositive();
            upkeep.upToDate();
            assertThat(marks()).isZero();
        }
    }

    @Test
    @DisplayName("any statement on a partition of a partition, which a DBA has made")
    void twoLevels() throws Exception {
        execute("""
                do $$ begin
                    alter table llm_calls detach partition llm_calls_first;
                    execute format('create table two_levels partition of llm_calls for values from (minvalue) to (%L)'
                        ' partition by hash (tenant_id)', now() + interval '1 hour');
                    create table leaf partition of two_levels for values with (modulus 1, remainder 0);
                    insert into llm_calls select * from llm_calls_first;
                    drop table llm_calls_first;
                end $$""");
        assertThat(upkeep.upToDate()).isTrue();
        assertThat(upkeep.upToDate()).isTrue();
        assertThat(marks()).isZero();
        same();

        for (String table : List.of("leaf", "two_levels", "llm_calls")) {
            execute("update " + table + " set cost_usd = cost_usd + 1 where tenant_id = 'acme'");
            assertThat(marks()).as(table).isPositive();
            same();
            upkeep.upToDate();
            assertThat(marks()).isZero();
            same();
        }
        execute("alter table leaf disable trigger tokentally_marks_update");
        execute("update leaf set cost_usd = cost_usd + 1");
        same();
    }

    @ParameterizedTest
    @DisplayName("a call that a node of release 0.1 writes, and a copy of a table")
    @ValueSource(strings = {"llm_calls", "llm_calls_first"})
    void lateCall(String table) throws Exception {
        execute(insert(table, OLD));
        assertThat(marks()).isOne();
        same();
        upkeep.upToDate();
        same();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
    }

    @Test
    @DisplayName("calls are stored again after the table was away, whatever was made meanwhile")
    void tableAway() throws Exception {
        execute("alter table llm_calls rename to away");
        upkeep.upToDate();
        execute("alter table away rename to llm_calls");

        execute(insert("llm_calls", OLD));

        assertThat(upkeep.upToDate()).isTrue();
        execute(insert("llm_calls", OLD));
        assertThat(marks()).isPositive();
        same();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(32);
    }

    @Test
    @DisplayName("a trigger function that names another table is created anew")
    void functionOfAnotherTable() throws Exception {
        execute(
                "do $$ begin execute replace(pg_get_functiondef('tokentally_mark'::regproc), 'public.llm_calls', ''); end $$");

        assertThat(upkeep.upToDate()).isTrue();

        execute(insert("llm_calls", OLD));
        assertThat(marks()).isPositive();
        same();
    }

    @Test
    @DisplayName("a cost of NaN counts as unknown, even before a rollup of it is made, and is logged once")
    void notANumber() throws Exception {
        UsageReport before = report(store);
        execute(insert("llm_calls", OLD));
        execute(
                "update llm_calls set cost_usd = 'NaN' where call_duration_ms = 70 and model = 'gpt-4o' and input_tokens = 7");
        same();
        try (CapturedLog log = CapturedLog.of(WrongCosts.class.getName())) {
            assertThat(upkeep.upToDate()).isTrue();
            execute(insert("llm_calls", OLD));
            assertThat(upkeep.upToDate()).isTrue();
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .contains("tenant acme in the quarter of an hour from " + Unit.instant(Unit.quarter(OLD)));
        }
        assertThat(marks()).isZero();
        same();
        Figures figures = report(store).total().perCall();
        assertThat(figures.totalCostUsd())
                .isEqualByComparingTo(before.total().perCall().totalCostUsd().add(new BigDecimal("0.7")));
        assertThat(figures.uncertainCalls().unpriced())
                .isEqualTo(before.total().perCall().uncertainCalls().unpriced() + 1);
        SeriesQuery days = new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneOffset.UTC, null);
        assertThat(Reports.of(store).seriesOfAll(days).stream()
                        .map(bucket -> bucket.figures().totalCostUsd())
                        .reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(figures.totalCostUsd());
        assertThat(Reports.of(without).seriesOfAll(days).stream()
                        .mapToLong(bucket -> bucket.figures().uncertainCalls().unpriced())
                        .sum())
                .isEqualTo(figures.uncertainCalls().unpriced());
        assertThat(Reports.of(store).callsOfAll(CallFilter.ALL, null, 100))
                .filteredOn(call ->
                        call.costSource() == CostSource.NONE && call.tokens().input() == 7)
                .hasSize(1);
    }

    @Test
    @DisplayName("a user's new name changes no figures and marks nothing")
    void erasure() throws Exception {
        execute("update llm_calls set user_id = 'erased', session_id = 's 2'");
        assertThat(marks()).isZero();
    }

    @Test
    @DisplayName("the maker waits for a transaction that began before an interval was closing")
    void waits() throws Exception {
        execute("update tokentally_rollup_state set closing = " + Unit.quarter(OLD) + ", closed = " + Unit.quarter(OLD)
                + "; delete from tokentally_rollups; delete from tokentally_rollup_ids");
        try (Connection writer = database.getConnection()) {
            writer.setAutoCommit(false);
            writer.createStatement().execute(insert("llm_calls", RECENT));
            Watching watched = new Watching(database);
            RollupUpkeep other = new RollupUpkeep(TestDatabases.opened(watched), LongSteps.Watch.NONE);
            CompletableFuture<Boolean> making =
                    CompletableFuture.supplyAsync(() -> upToDate(other), TestDatabases.THREADS);
            for (int looks = 0; looks < 3; looks++) {
                watched.statements.clear();
                while (!making.isDone()
                        && !watched.statements.contains(store.dialect().changing())) {
                    Pause.sleep(10);
                }
            }
            assertThat(making).isNotDone();
            writer.commit();
            assertThat(making.get(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(marks()).isZero();
        same();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
    }

    @Test
    @DisplayName("the maker waits again for a transaction after the store has gone back, as in a failover")
    void waitsAfterAFailover() throws Exception {
        int before = Unit.quarter(RECENT);
        execute("update tokentally_rollup_state set closing = " + before + ", closed = " + before + " where id = 1;"
                + " delete from tokentally_rollups where starts >= " + before + "");
        try (Connection writer = database.getConnection()) {
            writer.setAutoCommit(false);
            writer.createStatement().execute(insert("llm_calls", RECENT));
            CompletableFuture<Boolean> making =
                    CompletableFuture.supplyAsync(() -> upToDate(upkeep), TestDatabases.THREADS);
            assertThatThrownBy(() -> making.get(500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            writer.commit();
            assertThat(making.get(60, TimeUnit.SECONDS)).isTrue();
        }
        same();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
    }

    @Test
    @DisplayName("all rollups are made again in bounded steps, and those of dropped calls stay")
    void allAgain() throws Exception {
        int kept = Unit.quarter(OLD.plus(10, ChronoUnit.DAYS));
        execute("insert into tokentally_rollup_ids select 'acme', gen_random_uuid(), " + kept
                + " - n % 2 from generate_series(1, 9000) n");
        execute("update tokentally_rollup_state set kept_from = to_timestamp(" + kept + " * 900.0) where id = 1");
        execute("insert into tokentally_rollup_marks (tenant_id, starts, unit) values ('', -2147483648, 9)");
        long ofDropped = count("select count(*) from tokentally_rollups where starts < " + kept);
        RollupMaker maker = new RollupMaker(store.dialect(), () -> false, RollupMaker.CELL_BYTES, 2000);

        List<Long> left = new ArrayList<>();
        while (marks() > 0) {
            assertThat(store.with(maker::step)).isTrue();
            left.add(count("select count(*) from tokentally_rollup_ids"));
        }

        assertThat(left).hasSizeGreaterThan(3).doesNotHaveDuplicates();
        assertThat(count("select count(*) from tokentally_rollup_ids where starts >= " + kept))
                .isZero();
        assertThat(left.get(left.size() - 1)).isGreaterThanOrEqualTo(4500);
        assertThat(count("select count(*) from tokentally_rollups")).isEqualTo(ofDropped);
        assertThat(count("select closed from tokentally_rollup_state where id = 1"))
                .isEqualTo(kept);
    }

    @Test
    @DisplayName(
            "calls that are gone are in no rollup, even if a node of an earlier release ends the removal of all rollups early")
    void removalEndsEarly() throws Exception {
        execute(insert("llm_calls", OLD.minus(70, ChronoUnit.DAYS)) + ";"
                + insert("llm_calls", OLD.minus(69, ChronoUnit.DAYS)));
        assertThat(upkeep.upToDate()).isTrue();
        // Quarters, days and a month become empty.
        execute("begin; alter table llm_calls disable trigger user; delete from llm_calls where started_at < '"
                + OLD.plus(35, ChronoUnit.DAYS)
                + "' and started_at > (select min(started_at) from llm_calls);"
                + " alter table llm_calls enable trigger user; commit");
        assertThat(store.with(new RollupMaker(store.dialect(), () -> false)::step))
                .isTrue();
        assertThat(count("select closed from tokentally_rollup_state where id = 1"))
                .isEqualTo(Integer.MIN_VALUE);
        execute("delete from tokentally_rollup_marks where unit = 9");

        assertThat(upkeep.upToDate()).isTrue();

        assertThat(marks()).isZero();
        same();
        for (Bucket bucket : List.of(Bucket.DAY, Bucket.MONTH)) {
            SeriesQuery query = new SeriesQuery(Window.ALWAYS, bucket, ZoneOffset.UTC, null);
            SameFigures.checkExactly(
                    query.toString(),
                    Reports.of(store).seriesOfAll(query),
                    Reports.of(without).seriesOfAll(query));
        }
    }

    @Test
    @DisplayName("a transaction that cannot see that an interval is closed marks it anyway")
    void oldSnapshot() throws Exception {
        execute("update tokentally_rollup_state set closing = -2147483648, closed = -2147483648;"
                + " delete from tokentally_rollups; delete from tokentally_rollup_ids");
        try (Connection writer = database.getConnection()) {
            writer.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            writer.setAutoCommit(false);
            writer.createStatement()
                    .executeQuery("select count(*) from pg_class")
                    .close();
            assertThat(upToDate(new RollupUpkeep(store, LongSteps.Watch.NONE))).isTrue();
            writer.createStatement().execute(insert("llm_calls", OLD));
            writer.commit();
        }
        assertThat(marks()).isOne();
        same();
    }

    @Test
    @DisplayName("while a DBA has turned the triggers off, reports read the calls")
    void triggersOff() throws Exception {
        execute("alter table llm_calls disable trigger tokentally_marks_insert");
        execute(insert("llm_calls", OLD));
        assertThat(marks()).isZero();
        same();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
    }

    @ParameterizedTest
    @DisplayName("after a DBA has turned a trigger off and on again, as the log says, all rollups are made again")
    @ValueSource(strings = {"llm_calls", "llm_calls_first"})
    void triggersOffAndOn(String table) throws Exception {
        String on = "alter table " + table + " enable trigger tokentally_marks_insert";
        try (CapturedLog log = CapturedLog.of(RollupUpkeep.class.getName())) {
            execute("alter table " + table + " disable trigger tokentally_marks_insert");
            execute(insert(table, OLD));
            assertThat(upkeep.upToDate()).isTrue();
            assertThat(upkeep.upToDate()).isTrue();
            assertThat(log.lines()).singleElement().satisfies(line -> assertThat(line.getMessage())
                    .endsWith(": " + on));
        }
        assertThat(isMarking()).isFalse();
        assertThat(store.with(new RollupMaker(store.dialect(), () -> false)::step))
                .as("made while nobody knows what changes")
                .isFalse();

        execute(on);
        same();
        upkeep.upToDate();

        assertThat(marks()).isZero();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
        same();
    }

    @ParameterizedTest
    @DisplayName("after somebody has dropped a trigger, it is made again, and so are all rollups")
    @ValueSource(strings = {"llm_calls", "llm_calls_first"})
    void triggerDropped(String table) throws Exception {
        execute("drop trigger tokentally_marks_insert on " + table);
        execute(insert(table, OLD));
        assertThat(marks()).isZero();
        same();

        upkeep.upToDate();
        upkeep.upToDate();

        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
        same();
    }

    @Test
    @DisplayName("after somebody has dropped all triggers of a partition and loaded calls, all rollups are made again")
    void triggersOfPartitionDropped() throws Exception {
        for (String event : List.of("insert", "update", "delete", "truncate")) {
            execute("drop trigger tokentally_marks_" + event + " on llm_calls_first");
        }
        execute(insert("llm_calls_first", OLD));

        upkeep.upToDate();

        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
        same();
    }

    @ParameterizedTest
    @DisplayName("a partition that is detached, changed and attached again, whether rollups are made meanwhile or not")
    @ValueSource(booleans = {false, true})
    void detachedAndAttached(boolean areMadeMeanwhile) throws Exception {
        String attach = detachFirst();
        same();
        if (areMadeMeanwhile) {
            warnsOnce("llm_calls_first was detached");
            assertThat(report(store).total().perCall().totalCalls()).isZero();
        }
        execute("update llm_calls_first set cost_usd = cost_usd + 1 where tenant_id = 'acme'");
        if (areMadeMeanwhile) {
            assertThat(upkeep.upToDate()).isTrue();
        }
        execute(attach);
        same();

        assertThat(upkeep.upToDate()).isTrue();
        assertThat(marks()).isZero();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(30);
        same();
    }

    @Test
    @DisplayName("a detached partition takes changes of any time, since no report reads it")
    void detachedTakesAnything() throws Exception {
        keepFrom(10);
        String attach = detachFirst();
        execute(insert("llm_calls_first", OLD) + "; update llm_calls_first set cost_usd = cost_usd + 1");
        execute("delete from llm_calls_first where call_duration_ms = 70;" + attach);
        assertThatThrownBy(() -> execute(insert("llm_calls_first", OLD))).hasMessageContaining("were dropped");
    }

    @Test
    @DisplayName("a partition that another one with triggers of its own replaces, as after a restore")
    void replaced() throws Exception {
        String attach = detachFirst();
        execute("create table restored (like llm_calls_first including all);"
                + " insert into restored select * from llm_calls_first where tenant_id = 'acme'; drop table llm_calls_first;"
                + " alter table restored rename to llm_calls_first");
        for (String event : List.of(
                "insert on llm_calls_first referencing new table as new_calls",
                "update on llm_calls_first referencing old table as old_calls new table as new_calls",
                "delete on llm_calls_first referencing old table as old_calls",
                "truncate on llm_calls_first")) {
            execute("create trigger tokentally_marks_" + event.substring(0, event.indexOf(' ')) + " after " + event
                    + " for each statement execute function tokentally_mark()");
        }
        execute(attach);
        same();
        warnsOnce("llm_calls_first was attached");
        same();
    }

    @ParameterizedTest
    @DisplayName("changes while the triggers are off, even if no node looks meanwhile")
    @ValueSource(strings = {"llm_calls", "llm_calls_first"})
    void triggersOffUnseen(String table) throws Exception {
        execute("begin; alter table " + table + " disable trigger user; " + insert(table, OLD) + "; alter table "
                + table + " enable trigger user; commit");
        assertThat(marks()).isZero();
        same();
        warnsOnce("the triggers of " + table + " were off");
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
        same();
    }

    @Test
    @DisplayName("a table that was away for a while under another name, or behind another table")
    void tableElsewhere() throws Exception {
        execute("alter table llm_calls rename to away;" + insert("away", OLD)
                + "; alter table away rename to llm_calls");
        assertThat(marks()).isOne();
        same();
        upkeep.upToDate();
        same();

        execute("alter table llm_calls rename to away; create table llm_calls (like away including all)");
        upkeep.upToDate();
        upkeep.upToDate();
        same();
        execute("drop table llm_calls;" + insert("away", OLD) + "; alter table away rename to llm_calls");
        same();
        warnsOnce("llm_calls was attached");
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(32);
        same();
    }

    @Test
    @DisplayName("a call that comes straight into a new partition while its triggers are made")
    void whileTriggersAreMade() throws Exception {
        Instant before = OLD.minus(1, ChronoUnit.DAYS);
        execute(detachFirst().replace("MINVALUE", "'" + before + "'"));
        assertThat(upkeep.upToDate()).isTrue();
        execute("create table earlier partition of llm_calls for values from (minvalue) to ('" + before + "')");
        try (Connection writer = database.getConnection()) {
            writer.setAutoCommit(false);
            writer.createStatement().execute(insert("earlier", before.minusSeconds(1)));
            CompletableFuture<Boolean> making =
                    CompletableFuture.supplyAsync(() -> upToDate(upkeep), TestDatabases.THREADS);
            while (!making.isDone()
                    && count("select count(*) from pg_locks where not granted and mode = 'ShareRowExclusiveLock'"
                                    + " and relation = to_regclass('earlier')")
                            == 0) {
                Pause.sleep(1);
            }
            writer.commit();
            making.get(60, TimeUnit.SECONDS);
        }
        same();
        assertThat(upkeep.upToDate()).isTrue();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(31);
        same();
    }

    @Test
    @DisplayName("the months that the module makes, and maintenance of the database's catalog, are no changes")
    void noChanges() throws Exception {
        execute("drop table "
                + text(
                        "select max(relname) from pg_class where relname like 'llm@_calls@_2%' escape '@'"
                                + " and relkind = 'r'",
                        database));
        assertThat(upkeep.upToDate()).isTrue();
        String made = text("select max(cast(cast(xmin as text) as bigint)) from tokentally_rollups", database);
        try (CapturedLog log = CapturedLog.of(RollupMarks.class.getName())) {
            new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce();
            assertThat(upkeep.upToDate()).isTrue();
            assertThat(isMarking()).isTrue();
            for (String sql : List.of(
                    "vacuum freeze pg_trigger",
                    "vacuum full pg_trigger",
                    "vacuum full pg_inherits",
                    "cluster pg_class using pg_class_oid_index",
                    "analyze llm_calls",
                    "vacuum full llm_calls_first")) {
                execute(sql);
                assertThat(isMarking()).as(sql).isTrue();
            }
            assertThat(upkeep.upToDate()).isTrue();
            assertThat(log.messages()).isEmpty();
        }
        assertThat(text("select max(cast(cast(xmin as text) as bigint)) from tokentally_rollups", database))
                .isEqualTo(made);
    }

    @Test
    @DisplayName("nobody can detach a partition while a step reads its calls")
    void stepHoldsPartitions() throws Exception {
        execute(insert("llm_calls", OLD));
        List<String> tries = new ArrayList<>();
        Store held = TestDatabases.store(Map.of());
        held.open(new DataSourceWrapper(database) {
            @Override
            Connection prepared(Connection connection) {
                return Intercepted.of(Connection.class, connection, call -> {
                    if (call.text()
                            .filter(sql -> sql.contains(" from llm_calls calls"))
                            .isPresent()) {
                        try {
                            execute(
                                    "set lock_timeout = '100ms'; alter table llm_calls detach partition llm_calls_first");
                            tries.add("detached");
                        } catch (SQLException e) {
                            tries.add(e.getSQLState());
                        }
                    }
                    return call.proceed();
                });
            }
        });

        assertThat(new RollupUpkeep(held, LongSteps.Watch.NONE).upToDate()).isTrue();

        assertThat(tries).isNotEmpty().containsOnly("55P03");
        same();
    }

    /** Returns the statement that attaches the partition again. */
    private String detachFirst() throws SQLException {
        String attach = text(
                "select 'alter table llm_calls attach partition llm_calls_first ' || pg_get_expr(relpartbound, oid)"
                        + " from pg_class where relname = 'llm_calls_first'",
                database);
        execute("alter table llm_calls detach partition llm_calls_first");
        return attach;
    }

    /** Makes the rollups twice, and looks for a line that says why all of them are made again. */
    private void warnsOnce(String why) throws Exception {
        try (CapturedLog log = CapturedLog.of(RollupMarks.class.getName())) {
            assertThat(upkeep.upToDate()).isTrue();
            assertThat(upkeep.upToDate()).isTrue();
            assertThat(log.messages()).singleElement().asString().contains("All rollups are made again", why);
        }
        assertThat(marks()).isZero();
        assertThat(isMarking()).isTrue();
    }

    /** Whether reports use rollups. */
    private boolean isMarking() throws Exception {
        return store.with(connection -> Sql.of(store.dialect().marks()).isTrue(connection));
    }

    @Test
    @DisplayName("the figures of dropped calls stay, even if the triggers are off or all calls were removed")
    void dropped() throws Exception {
        UsageReport before = report(store);
        execute(
                "update tokentally_rollup_state set kept_from = date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'"
                        + " - interval '10 days'; delete from llm_calls where started_at < (select kept_from from tokentally_rollup_state where id = 1)");
        assertThat(marks()).isZero();
        assertThat(report(without)).isNotEqualTo(before);
        assertThat(report(store)).usingRecursiveComparison().isEqualTo(before);

        execute("alter table llm_calls disable trigger tokentally_marks_insert");
        assertThat(report(store)).usingRecursiveComparison().isEqualTo(before);

        execute("alter table llm_calls enable trigger tokentally_marks_insert;"
                + " insert into tokentally_rollup_marks (tenant_id, starts, unit) values ('', -2147483648, 9)");
        assertThat(report(store)).usingRecursiveComparison().isEqualTo(before);
        upkeep.upToDate();
        assertThat(report(store)).usingRecursiveComparison().isEqualTo(before);
    }

    @Test
    @DisplayName("a change in a month with some dropped calls, and a call with a dropped call id")
    void partOfAMonthDropped() throws Exception {
        Instant month = Unit.instant(Unit.MONTH.start(Unit.quarter(OLD)));
        Instant kept = month.plus(9, ChronoUnit.DAYS);
        UUID callId = UUID.randomUUID();
        execute(insert("llm_calls", month.plusSeconds(60), callId) + ";"
                + insert("llm_calls", month.plusSeconds(2000), callId));
        upkeep.upToDate();
        execute("update tokentally_rollup_state set kept_from = '" + kept + "' where id = 1;"
                + " delete from llm_calls where started_at < '" + kept + "';"
                + " delete from tokentally_rollup_ids where starts < " + Unit.quarter(kept)
                + " and (tenant_id, call_id) not in (select tenant_id, call_id from llm_calls)");
        UsageReport before = report(store);

        execute(insert("llm_calls", kept.plus(5, ChronoUnit.DAYS)) + ";" + insert("llm_calls", NOW, callId));
        UsageReport after = report(store);
        assertThat(after.total().perCall().totalCalls())
                .isEqualTo(before.total().perCall().totalCalls() + 2);
        assertThat(after.total().perInvocation().totalCalls())
                .isEqualTo(before.total().perInvocation().totalCalls() + 2);
        upkeep.upToDate();
        assertThat(report(store)).usingRecursiveComparison().isEqualTo(after);
        store.with(store.keptFrom()::read);
        long inSeries =
                Reports.of(store).seriesOfAll(new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneOffset.UTC, null)).stream()
                        .mapToLong(bucket -> bucket.figures().totalCalls())
                        .sum();
        assertThat(inSeries).isEqualTo(after.total().perCall().totalCalls());
    }

    @Test
    @DisplayName("no call can move into a dropped time or out of it, and none of that time can get other figures")
    void movesAcrossKeptFrom() throws Exception {
        UsageReport before = report(store);
        Instant kept = keepFrom(10);
        for (String move : List.of(
                "started_at = started_at - interval '20 days' where started_at >= '" + kept + "'",
                "started_at = started_at + interval '39 days' where started_at < '" + kept + "'",
                "started_at = started_at + interval '1 minute' where started_at < '" + kept + "'",
                "started_at = '9000-01-01' where started_at < '" + kept + "'",
                "tenant_id = 'other' where started_at < '" + kept + "'",
                "cost_usd = cost_usd + 1 where tenant_id is not null")) {
            assertThatThrownBy(() -> execute("update llm_calls set " + move))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("TK002"))
                    .hasMessageContaining("no call of that time can change, and none can be moved to it");
        }
        execute("update llm_calls set user_id = 'erased', cost_usd = cost_usd + 0 where tenant_id is not null");
        assertThat(report(store)).usingRecursiveComparison().isEqualTo(before);
        execute("update llm_calls set started_at = started_at + interval '1 minute' where started_at >= '" + kept
                + "'");
        assertThat(report(store).total()).usingRecursiveComparison().isEqualTo(before.total());
    }

    @Test
    @DisplayName("a transaction that cannot see since when calls are kept stores no call of a dropped time")
    void keptFromInAnOldSnapshot() throws Exception {
        UsageReport before = report(store);
        try (Connection old = repeatableRead();
                Connection late = repeatableRead()) {
            keepFrom(10);
            assertThatThrownBy(() -> old.createStatement().execute(insert("llm_calls", OLD)))
                    .isInstanceOfSatisfying(SQLException.class, e -> assertThat(StoreFailures.of("", e))
                            .isInstanceOf(WriteConflictException.class));
            assertThatThrownBy(() -> late.createStatement().execute("update llm_calls set started_at = '" + OLD + "'"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
        }
        try (Connection next = repeatableRead()) {
            next.createStatement().execute(insert("llm_calls", RECENT));
            next.commit();
            assertThatThrownBy(() -> next.createStatement().execute(insert("llm_calls", OLD)))
                    .isInstanceOfSatisfying(SQLException.class, e -> assertThat(StoreFailures.of("", e))
                            .isInstanceOf(RecordTooOldException.class));
        }
        assertThat(report(store).total().perCall().totalCalls())
                .isEqualTo(before.total().perCall().totalCalls() + 1);
    }

    private Connection repeatableRead() throws SQLException {
        Connection connection = database.getConnection();
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setAutoCommit(false);
        connection
                .createStatement()
                .executeQuery("select count(*) from pg_class")
                .close();
        return connection;
    }

    private Instant keepFrom(int days) throws Exception {
        Instant kept = NOW.truncatedTo(ChronoUnit.DAYS).minus(days, ChronoUnit.DAYS);
        store.dialect().retention().keepFrom(kept, store);
        assertThat(store.with(store.keptFrom()::read).keptFrom()).isEqualTo(kept);
        return kept;
    }

    @Test
    @DisplayName("a database with an earlier form of the trigger function gets the new one")
    void earlierForm() throws Exception {
        String earlier = "create or replace function tokentally_mark() returns trigger language plpgsql as $$ begin"
                + " return null; end $$";
        String form = "select count(*) from pg_proc where proname = 'tokentally_mark' and prosrc like '%-- Form 7.%'";
        execute(earlier + "; alter table tokentally_rollup_state drop column triggers");
        execute("update llm_calls set cost_usd = cost_usd + 1");
        assertThat(count(form)).isZero();
        same();

        warnsOnce("an earlier release has made them");

        assertThat(count(form)).isOne();
        execute(insert("llm_calls", OLD));
        same();
    }

    @ParameterizedTest
    @DisplayName("also after the schema was renamed, and after somebody emptied all tables")
    @ValueSource(strings = {"calls", "O'Brien"})
    void otherSchema(String name) throws Exception {
        execute("alter schema public rename to \"" + name + "\"");
        PGSimpleDataSource renamed = new PGSimpleDataSource();
        renamed.setUrl(((PGSimpleDataSource) database).getUrl());
        renamed.setUser("postgres");
        renamed.setCurrentSchema("\"" + name + "\"");
        Store other = TestDatabases.store(Map.of());
        other.open(renamed);
        RollupUpkeep again = new RollupUpkeep(other, LongSteps.Watch.NONE);
        assertThat(again.upToDate()).isTrue();
        try (Connection connection = renamed.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(insert("llm_calls", OLD));
            assertThat(report(other).total().perCall().totalCalls()).isEqualTo(31);

            statement.execute("truncate llm_calls, tokentally_rollups, tokentally_rollup_ids, tokentally_rollup_state");
            statement.execute(insert("llm_calls", OLD));
            assertThat(report(other).total().perCall().totalCalls()).isOne();
            assertThat(again.upToDate()).isTrue();
            assertThat(report(other).total().perCall().totalCalls()).isOne();
        }
    }

    @Test
    @DisplayName("a new table of calls with new triggers has no figures of the old table")
    void anotherTable() throws Exception {
        execute("drop table llm_calls; drop table tokentally_schema_history");
        Store other = TestDatabases.opened(database);
        RollupUpkeep again = new RollupUpkeep(other, LongSteps.Watch.NONE);
        execute(insert("llm_calls", OLD));
        assertThat(report(other).total().perCall().totalCalls()).isOne();
        assertThat(again.upToDate()).isTrue();
        assertThat(report(other).total().perCall().totalCalls()).isOne();
    }

    @Test
    @DisplayName("only the owner of the function can create a trigger that runs with the owner's rights")
    void function() throws Exception {
        String role = "r" + UUID.randomUUID().toString().replace("-", "");
        execute("create role " + role);
        assertThat(count("select case when has_function_privilege('" + role
                        + "', 'tokentally_mark()', 'execute') then 1 else 0 end"))
                .isZero();
    }

    @Test
    @DisplayName("a role that may not create triggers finds the statement for the DBA in the log")
    void role() throws Exception {
        for (String event : List.of("insert", "update", "delete", "truncate")) {
            execute("drop trigger tokentally_marks_" + event + " on llm_calls");
        }
        String role = "r" + UUID.randomUUID().toString().replace("-", "");
        execute("create role " + role + " login; grant usage on schema public to " + role
                + "; grant select, insert, update, delete on all tables in schema public to " + role);
        PGSimpleDataSource own = new PGSimpleDataSource();
        own.setUrl(((PGSimpleDataSource) database).getUrl());
        own.setUser(role);
        Store limited = TestDatabases.store(Map.of());
        limited.open(own);
        try (CapturedLog log = CapturedLog.of(RollupUpkeep.class.getName())) {
            assertThat(new RollupUpkeep(limited, LongSteps.Watch.NONE).upToDate())
                    .isFalse();
            assertThat(String.join("\n", log.messages())).contains("grant trigger on llm_calls to " + role);
        }
        execute(insert("llm_calls", OLD));
        assertThat(report(limited).total().perCall().totalCalls()).isEqualTo(31);

        execute(
                "alter table tokentally_rollup_state drop column triggers; grant trigger on all tables in schema public to "
                        + role + "; grant create on schema public to " + role);
        try (CapturedLog log = CapturedLog.of(RollupUpkeep.class.getName())) {
            assertThat(new RollupUpkeep(limited, LongSteps.Watch.NONE).upToDate())
                    .isFalse();
            assertThat(String.join("\n", log.messages()))
                    .contains("alter table tokentally_rollup_state add column triggers jsonb");
        }
        assertThat(report(limited).total().perCall().totalCalls()).isEqualTo(31);

        execute("revoke all on tokentally_rollup_state, tokentally_rollups, tokentally_rollup_marks from " + role);
        assertThat(report(limited).total().perCall().totalCalls()).isEqualTo(31);
    }

    @Test
    @DisplayName("the triggers move along when one table is partitioned, and new partitions get theirs")
    void conversion() throws Exception {
        DataSource other = TestDatabases.empty(Database.POSTGRESQL);
        Store oneTable = TestDatabases.store(Map.of("tokentally.partitions", "false"));
        oneTable.open(other);
        assertThat(new SchemaUpgrade(oneTable, LongSteps.Watch.NONE).tryOnce()).isTrue();
        assertThat(new RollupUpkeep(oneTable, LongSteps.Watch.NONE).upToDate()).isTrue();
        assertThat(triggers(other)).isEqualTo(4);

        try (Connection connection = other.getConnection()) {
            connection.createStatement().execute(insert("llm_calls", OLD));
        }
        assertThat(new RollupUpkeep(oneTable, LongSteps.Watch.NONE).upToDate()).isTrue();

        Store partitioned = TestDatabases.opened(other);
        assertThat(triggers(other)).isEqualTo(2 * 4);
        RollupUpkeep afterwards = new RollupUpkeep(partitioned, LongSteps.Watch.NONE);
        assertThat(partitioned.with(afterwards::marksAreMade)).isTrue();
        try (CapturedLog log = CapturedLog.of(RollupMarks.class.getName())) {
            assertThat(afterwards.upToDate()).isTrue();
            assertThat(log.messages()).isEmpty();
        }
        assertThat(text("select count(*) from tokentally_rollup_marks", other)).isEqualTo("0");
        // This month and three more, the first and the default partition, and the table itself.
        assertThat(triggers(other)).isGreaterThanOrEqualTo(4 * 5);
        try (Connection connection = other.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(insert("llm_calls", OLD) + ";" + insert("llm_calls_first", OLD));
            try (ResultSet row = statement.executeQuery("select count(*) from tokentally_rollup_marks")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(2);
            }
        }
        afterwards.upToDate();
        assertThat(report(partitioned).total().perCall().totalCalls()).isEqualTo(3);
    }

    private static int triggers(DataSource database) throws SQLException {
        return Integer.parseInt(text(
                "select count(*) from pg_trigger where tgname like 'tokentally\\_marks\\_%' and not tgisinternal",
                database));
    }

    private static String text(String query, DataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    @DisplayName("two nodes make rollups together, and a killed session loses nothing")
    void nodes() throws Exception {
        execute("update tokentally_rollup_state set closing = -2147483648, closed = -2147483648;"
                + " delete from tokentally_rollups; delete from tokentally_rollup_ids");
        AtomicBoolean disturbed = new AtomicBoolean();
        CompletableFuture<?>[] nodes = new CompletableFuture<?>[2];
        for (int i = 0; i < nodes.length; i++) {
            RollupUpkeep node = new RollupUpkeep(TestDatabases.opened(database), LongSteps.Watch.NONE);
            nodes[i] = CompletableFuture.runAsync(
                    () -> {
                        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                        while (System.nanoTime() < end && !(disturbed.get() && isMade())) {
                            upToDate(node);
                        }
                    },
                    TestDatabases.THREADS);
        }
        int inserted = 0;
        long killed = 0;
        while (inserted < 20 || killed == 0 && !CompletableFuture.allOf(nodes).isDone()) {
            killed += killNodes();
            execute(insert("llm_calls", OLD.plusSeconds(inserted * 900L)));
            inserted++;
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(killed).as("killed sessions").isPositive();
        disturbed.set(true);
        CompletableFuture.allOf(nodes).get(90, TimeUnit.SECONDS);
        upkeep.upToDate();
        assertThat(marks()).isZero();
        same();
        assertThat(report(store).total().perCall().totalCalls()).isEqualTo(30 + inserted);
    }

    @ParameterizedTest
    @DisplayName(
            "a node that looks before another node's step, and gets its turn after that step, makes no wrong rollup")
    @ValueSource(booleans = {false, true})
    void staleSnapshot(boolean isSameInvocation) throws Exception {
        Instant day = OLD.truncatedTo(ChronoUnit.DAYS).plus(10, ChronoUnit.DAYS);
        // The next step closes this quarter. It is a day's last one, so the step makes the day's cells, too.
        int next = Unit.quarter(day.plus(1, ChronoUnit.DAYS)) - 1;
        UUID callId = UUID.randomUUID();
        execute("delete from llm_calls where started_at >= '" + Unit.instant(next) + "';"
                + insert("llm_calls", Unit.instant(next), callId));
        execute("delete from tokentally_rollups where starts >= " + next + " or unit = 1 and starts + 96 > " + next
                + " or unit = 2 and starts >= " + Unit.MONTH.start(next)
                + "; delete from tokentally_rollup_ids where starts >= " + next
                + "; delete from tokentally_rollup_marks;"
                + " update tokentally_rollup_state set closing = " + next + ", closed = " + next + " where id = 1");
        // A late call of the same day, or one of the day before that belongs to the invocation in the next quarter.
        execute(
                isSameInvocation
                        ? insert("llm_calls", day.minus(1, ChronoUnit.HOURS), callId)
                        : insert("llm_calls", day.plus(1, ChronoUnit.HOURS)));
        assertThat(marks()).isOne();
        RollupMaker closing = new RollupMaker(store.dialect(), () -> false);
        store.with(connection -> {
            closing.close(connection);
            closing.waited(closing.toWaitFor(connection).getAsInt());
            return null;
        });

        Store late = TestDatabases.store(Map.of());
        late.open(new DataSourceWrapper(database) {
            @Override
            Connection prepared(Connection connection) {
                return Intercepted.of(Connection.class, connection, call -> {
                    if (call.text().equals(Optional.of(store.dialect().takesRollups()))) {
                        Sql.of("select true").isTrue(connection);
                        assertThat(store.with(closing::step)).isTrue();
                    }
                    return call.proceed();
                });
            }
        });
        try {
            late.with(new RollupMaker(store.dialect(), () -> false)::step);
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("40001");
        }

        assertThat(upkeep.upToDate()).isTrue();
        assertThat(marks()).isZero();
        same();
    }

    /** Ends the sessions that are making rollups, and returns how many these were. */
    private long killNodes() throws SQLException {
        return count("select count(case when pg_terminate_backend(pid) then 1 end) from pg_stat_activity"
                + " where pid <> pg_backend_pid() and datname = current_database() and state <> 'idle'"
                + " and query like '%tokentally_rollups%'");
    }

    private boolean isMade() {
        try {
            return count("select count(*) from tokentally_rollup_state where closed = closing and closed > 0") == 1
                    && marks() == 0;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean upToDate(RollupUpkeep upkeep) {
        try {
            return upkeep.upToDate();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void same() throws Exception {
        UsageReport expected = report(without);
        SameFigures.checkExactly("from rollups", report(store), expected);
    }

    private UsageReport report(Store of) throws Exception {
        return Reports.of(of).report(new UsageQuestion(null, Window.ALWAYS).by(Dimension.TENANT, Dimension.MODEL));
    }

    private static String insert(String table, Instant start) {
        return insert(table, start, UUID.randomUUID());
    }

    private static String insert(String table, Instant start, UUID callId) {
        return String.format(Locale.ROOT, INSERT, table, UUID.randomUUID(), callId, start);
    }

    private long marks() throws SQLException {
        return count("select count(*) from tokentally_rollup_marks");
    }

    private long count(String query) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
