package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Partitions;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

@OnOneJdk
@DisplayName("The table of calls on PostgreSQL")
class PartitionsTest {

    private static final Map<String, String> OFF = Map.of("tokentally.partitions", "false");

    private static final String KIND = "select relkind from pg_class where oid = to_regclass('llm_calls')";

    private final PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);

    private Store oneTable() {
        Store store = TestDatabases.store(OFF);
        store.open(database);
        assertThat(new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce()).isTrue();
        return store;
    }

    private Partitions state(Store store) throws UsageStoreException {
        store.open(database);
        return new JpaRecordingNodes(store, new StoreReader(store, new Settings(new MapConfig(Map.of())))).partitions();
    }

    private List<CallRecord> callsOfAllTimes() {
        return List.of(
                Calls.ok("acme", Instant.parse("1969-07-20T20:17:40Z")),
                Calls.ok("acme", now),
                Calls.ok("acme", now.plus(200, ChronoUnit.DAYS)),
                Calls.ok("acme", now.plus(366, ChronoUnit.DAYS)),
                Calls.ok("acme", Instant.parse("9999-12-31T23:59:59Z")));
    }

    @Test
    @DisplayName("becomes the first partition with all its calls, and takes calls of any time, each once")
    void allTimes() throws Exception {
        List<CallRecord> calls = callsOfAllTimes();
        new JpaUsageRepository(oneTable()).storeAll(calls);

        JpaUsageRepository partitioned = new JpaUsageRepository(TestDatabases.opened(database));

        assertThat(text(KIND)).isEqualTo("p");
        assertThat(text("select count(*) from llm_calls")).isEqualTo("5");
        assertThat(text("select count(*) from llm_calls_first")).isEqualTo("2");
        assertThat(partitioned.storeAll(calls)).isEmpty();
        assertThat(partitioned.storeAll(callsOfAllTimes())).hasSize(5);
        assertThat(text("select count(*) from llm_calls")).isEqualTo("10");
        assertThat(text("select to_regclass('llm_calls_beyond') is null")).isEqualTo("t");
        assertThat(state(TestDatabases.store(OFF))).isEqualTo(new Partitions("partitioned", 5, 5));
    }

    @Test
    @DisplayName("gets its months ahead of time, with the calls that waited for them in the default partition")
    void months() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(TestDatabases.opened(database));
        String month = text("select max(relname) from pg_class where relname ~ '^llm_calls_\\d{4}_\\d{2}$'");
        execute("drop table " + month);
        CallRecord early = Calls.ok("acme", now.plus(70, ChronoUnit.DAYS));
        CallRecord late = Calls.ok("acme", now.plus(4000, ChronoUnit.DAYS));
        String[] parts = month.replace("llm_calls_", "").split("_");
        CallRecord waiting = Calls.ok("acme", Instant.parse(parts[0] + "-" + parts[1] + "-01T00:00:00Z"));
        calls.storeAll(List.of(early, late, waiting));
        assertThat(text("select tableoid::regclass from llm_calls where id = '" + waiting.id() + "'"))
                .isEqualTo("llm_calls_default");

        TestDatabases.opened(database);

        assertThat(text("select tableoid::regclass from llm_calls where id = '" + waiting.id() + "'"))
                .isEqualTo(month);
        assertThat(text("select tableoid::regclass from llm_calls where id = '" + late.id() + "'"))
                .isEqualTo("llm_calls_default");
        assertThat(calls.storeAll(List.of(early, late, waiting))).isEmpty();
        assertThat(text("select array_to_string(reloptions, ' ') from pg_class where relname = '" + month + "'"))
                .contains("autovacuum_vacuum_insert_threshold=50000");
    }

    @Test
    @DisplayName(
            "gets a month, and becomes the first partition, without a reading of calls under the lock of the attaching")
    void attachesUnread() throws Exception {
        oneTable();
        LongStep partitions = Database.POSTGRESQL.dialect().partitioning().get(0);
        LongStep months = Database.POSTGRESQL.dialect().partitioning().get(1);
        String implied = "partition constraint for %s \"%s\" is implied by existing constraints";
        List<String> said = new ArrayList<>();
        for (String statement : partitions.statements()) {
            said.addAll(said(statement));
        }
        assertThat(said).anyMatch(line -> line.endsWith(implied.formatted("table", "llm_calls_first")));
        insert(1, "now() + interval '80 days'");
        said = said(months.statements().get(0));

        String last = text("select tableoid::regclass from llm_calls");
        assertThat(last).isNotEqualTo("llm_calls_default");
        assertThat(said)
                .anyMatch(line -> line.endsWith(implied.formatted("table", last)))
                .anyMatch(line -> line.endsWith(implied.formatted("default partition", "llm_calls_default")));
        String checks = "select string_agg(conname, ' ' order by conname) from pg_constraint where contype = 'c'"
                + " and conrelid = to_regclass('%s')";
        assertThat(text(checks.formatted(last))).isEqualTo(text(checks.formatted("llm_calls")));
    }

    /** Runs a statement, and returns what PostgreSQL says about it. */
    private List<String> said(String sql) throws SQLException {
        List<String> said = new ArrayList<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("set client_min_messages = debug1");
            statement.execute(sql);
            for (SQLWarning one = statement.getWarnings(); one != null; one = one.getNextWarning()) {
                said.add(one.getMessage());
            }
        }
        return said;
    }

    @Test
    @DisplayName(
            "keeps a trigger that somebody commits while the exchange waits, whatever the isolation of the database is")
    void repeatableRead() throws Exception {
        oneTable();
        LongStep partitions = Database.POSTGRESQL.dialect().partitioning().get(0);
        int exchange = partitions.statements().size() - 2;
        for (String statement : partitions.statements().subList(0, exchange)) {
            execute(statement);
        }
        execute("create function seen() returns trigger language plpgsql as 'begin return null; end'");
        set("default_transaction_isolation", "repeatable read");
        LongSteps step = new LongSteps(
                List.of(new LongStep(
                        "the exchange",
                        partitions.isDone(),
                        List.of(partitions.statements().get(exchange)))),
                LongSteps.Watch.NONE);
        CompletableFuture<Boolean> exchanged;
        try (Connection pooled = database.getConnection()) {
            try (Connection dba = database.getConnection()) {
                dba.setAutoCommit(false);
                dba.createStatement()
                        .execute(
                                "create trigger seen after insert on llm_calls for each statement execute function seen()");
                exchanged = CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return step.run(pooled);
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        TestDatabases.THREADS);
                while (!exchanged.isDone()
                        && "0"
                                .equals(text(
                                        "select count(*) from pg_locks join pg_database on pg_database.oid = database"
                                                + " where datname = current_database() and not granted"))) {
                    Pause.sleep(10);
                }
                assertThat(exchanged).isNotDone();
                dba.commit();
            }
            assertThat(exchanged.join()).isTrue();
            assertThat(pooled.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
        }
        assertThat(text("select tgrelid::regclass from pg_trigger where tgname = 'seen'"))
                .isEqualTo("llm_calls");
    }

    @Test
    @DisplayName("is partitioned and gets its months in a database that takes backslashes in texts as escapes")
    void backslashes() throws Exception {
        set("standard_conforming_strings", "off");

        TestDatabases.opened(database);

        assertThat(text(KIND)).isEqualTo("p");
        assertThat(
                        text(
                                "select count(*) from pg_class where relkind = 'r' and relname ~ '^llm_calls_[0-9]{4}_[0-9]{2}$'"))
                .isIn("2", "3");
    }

    @Test
    @DisplayName(
            "is partitioned even if long names of its indexes begin alike, or an index has the name that another gets")
    void namesOfIndexes() throws Exception {
        oneTable();
        String same = "i".repeat(57);
        List<String> names = List.of(same + "_one", same + "_two", "ü".repeat(31), "by_model", "by_model_first");
        for (String name : names) {
            execute("create index " + name + " on llm_calls (model)");
        }

        TestDatabases.opened(database);

        assertThat(text(KIND)).isEqualTo("p");
        for (String name : names) {
            assertThat(text("select relkind from pg_class where relname = '" + name + "'"))
                    .isEqualTo("I");
        }
    }

    @Test
    @DisplayName(
            "gets its months even if the default partition holds a hundred thousand calls of clocks that are ahead")
    void manyStrays() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(TestDatabases.opened(database));
        String last = text("select max(relname) from pg_class where relname ~ '^llm_calls_\\d{4}_\\d{2}$'");
        String name = last.substring("llm_calls_".length()).replace('_', '-');
        execute("drop table " + last);
        insert(50_000, "timestamptz '" + name + "-02 00:00:00+00'");
        insert(50_000, "now() + interval '2 years'");
        CallRecord waiting = Calls.ok("acme", Instant.parse(name + "-01T00:00:00Z"));
        calls.store(waiting);
        String figures = text("select count(*) || ' ' || count(distinct id) from llm_calls");

        TestDatabases.opened(database);

        assertThat(text("select count(*) from " + last)).isEqualTo("50001");
        assertThat(text("select count(*) from llm_calls_default")).isEqualTo("50000");
        assertThat(text("select count(*) || ' ' || count(distinct id) from llm_calls"))
                .isEqualTo(figures);
        assertThat(calls.storeAll(List.of(waiting))).isEmpty();
        assertThat(text("select count(*) from pg_constraint where conname like 'llm@_calls@_moves%' escape '@'"))
                .isEqualTo("0");
        String indexes = "select count(*) from pg_index where indrelid = to_regclass('%s')";
        assertThat(text(indexes.formatted(last))).isEqualTo(text(indexes.formatted("llm_calls")));
    }

    @Test
    @DisplayName("has all calls at any moment while many of them move to a month and others are written")
    void manyAreMoved() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(TestDatabases.opened(database));
        String last = text("select max(relname) from pg_class where relname ~ '^llm_calls_\\d{4}_\\d{2}$'");
        String name = last.substring("llm_calls_".length()).replace('_', '-');
        execute("drop table " + last);
        insert(100_000, "timestamptz '" + name + "-02 00:00:00+00'");
        AtomicBoolean ends = new AtomicBoolean();
        CompletableFuture<Integer> others = CompletableFuture.supplyAsync(
                () -> {
                    int stored = 0;
                    while (!ends.get()) {
                        try {
                            calls.store(Calls.ok("other", now.plus(2000, ChronoUnit.DAYS)));
                            stored++;
                        } catch (UsageStoreException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                    return stored;
                },
                TestDatabases.THREADS);
        List<String> seen = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> reports = CompletableFuture.runAsync(
                () -> {
                    while (!ends.get()) {
                        try {
                            seen.add(text("select count(*) from llm_calls where tenant_id = 'stray'"));
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                },
                TestDatabases.THREADS);
        while (seen.isEmpty() && !reports.isDone()) {
            Pause.sleep(10);
        }

        Store store = TestDatabases.store(Map.of());
        store.open(database);
        SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
        boolean isDone = upgrade.tryOnce();
        for (int tries = 0; !isDone && tries < 50; tries++) {
            Pause.sleep(100);
            isDone = upgrade.tryOnce();
        }
        ends.set(true);

        assertThat(isDone).isTrue();
        assertThat(text("select count(*) from " + last)).isEqualTo("100000");
        reports.join();
        assertThat(seen).containsOnly("100000");
        assertThat(text("select count(*) from llm_calls_default"))
                .isEqualTo(others.join().toString());
    }

    @Test
    @DisplayName("gets a month whose creation was interrupted, and then takes its calls again")
    void interruptedMonth() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(TestDatabases.opened(database));
        String last = text("select max(relname) from pg_class where relname ~ '^llm_calls_\\d{4}_\\d{2}$'");
        String month = last.substring("llm_calls_".length());
        String name = month.replace('_', '-');
        CallRecord ahead = Calls.ok("acme", Instant.parse(name + "-01T00:00:00Z"));
        execute("drop table " + last);
        execute("alter table llm_calls_default add constraint llm_calls_moves_" + month
                + " check (started_at < timestamptz '" + name + "-01 00:00:00+00') not valid");
        assertThatThrownBy(() -> calls.store(ahead)).isInstanceOf(WriteConflictException.class);

        TestDatabases.opened(database);

        assertThat(calls.storeAll(List.of(ahead))).hasSize(1);
        assertThat(text("select count(*) from " + last)).isEqualTo("1");
    }

    @Test
    @DisplayName(
            "keeps the calls of a month in the default partition if another table has the month's name, and the log says so")
    void foreignMonth() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(TestDatabases.opened(database));
        String months =
                "select string_agg(relname, ' ' order by relname) from pg_class join pg_inherits on inhrelid = oid"
                        + " where relkind = 'r' and relname ~ '^llm_calls_\\d{4}_\\d{2}$'";
        String[] names = text(months).split(" ");
        for (String month : names) {
            execute("drop table " + month);
        }
        execute("create table " + names[0] + " (n int)");

        try (CapturedLog log = CapturedLog.of(SchemaUpgrade.class.getName())) {
            Store store = TestDatabases.store(Map.of());
            store.open(database);
            SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
            assertThat(upgrade.tryOnce()).isTrue();
            assertThat(upgrade.tryOnce()).isTrue();

            assertThat(log.messages()).singleElement().asString().contains("another table", names[0]);
        }
        assertThat((names[0] + " " + text(months)).trim()).isEqualTo(String.join(" ", names));
        CallRecord ahead = Calls.ok(
                "acme", Instant.parse(names[0].substring("llm_calls_".length()).replace('_', '-') + "-01T00:00:00Z"));
        calls.store(ahead);
        assertThat(text("select tableoid::regclass from llm_calls where id = '" + ahead.id() + "'"))
                .isEqualTo("llm_calls_default");
    }

    @Test
    @DisplayName(
            "is partitioned even if a DBA has added a generated column, and the calls that were moved away come back")
    void generatedColumn() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(oneTable());
        execute(
                "alter table llm_calls add column tokens integer not null generated always as (input_tokens + output_tokens)"
                        + " stored");
        calls.storeAll(callsOfAllTimes());

        TestDatabases.opened(database);
        String last = text("select max(relname) from pg_class where relname ~ '^llm_calls_\\d{4}_\\d{2}$'");
        execute("drop table " + last);
        calls.store(Calls.ok(
                "acme", Instant.parse(last.substring("llm_calls_".length()).replace('_', '-') + "-01T00:00:00Z")));
        TestDatabases.opened(database);

        assertThat(text(KIND)).isEqualTo("p");
        assertThat(text("select count(*) from " + last)).isEqualTo("1");
        assertThat(text("select count(*) from llm_calls where tokens = input_tokens + output_tokens"))
                .isEqualTo("6");
    }

    @Test
    @DisplayName("is partitioned and gets its months even while an autovacuum works on it for minutes")
    void autovacuum() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setServerConfig("autovacuum_naptime", "1s")
                .start()) {
            PGSimpleDataSource vacuumed = (PGSimpleDataSource) postgres.getPostgresDatabase();
            Store store = TestDatabases.store(OFF);
            store.open(vacuumed);
            new SchemaUpgrade(store, LongSteps.Watch.NONE).run();
            execute(
                    "alter table llm_calls set (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,"
                            + " autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)",
                    vacuumed);
            for (String statement : Database.POSTGRESQL
                    .dialect()
                    .partitioning()
                    .get(0)
                    .statements()
                    .subList(0, 5)) {
                execute(statement, vacuumed);
            }
            awaitVacuum("llm_calls", "now() - interval '1 day'", vacuumed);

            assertThat(new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce()).isTrue();
            assertThat(text("select count(*) from pg_constraint where conname like '%_before_%'", vacuumed))
                    .isEqualTo("0");

            TestDatabases.opened(vacuumed);
            assertThat(text(KIND, vacuumed)).isEqualTo("p");
            execute(
                    "drop table "
                            + text(
                                    "select max(relname) from pg_class where relname ~ '^llm_calls_\\d{4}_\\d{2}$'",
                                    vacuumed),
                    vacuumed);
            awaitVacuum("llm_calls_default", "now() + interval '2 years'", vacuumed);
            Store other = TestDatabases.store(Map.of());
            other.open(vacuumed);

            assertThat(new SchemaUpgrade(other, LongSteps.Watch.NONE).tryOnce()).isTrue();
        }
    }

    private static void awaitVacuum(String table, String startedAt, PGSimpleDataSource on) throws SQLException {
        insert(20_000, startedAt, on);
        execute("delete from llm_calls where output_tokens % 2 = 0", on);
        String vacuums = "select count(*) from pg_stat_progress_vacuum where relid = to_regclass('" + table + "')";
        for (int tries = 0; text(vacuums, on).equals("0") && tries < 1000; tries++) {
            Pause.sleep(100);
        }
        assertThat(text(vacuums, on)).isEqualTo("1");
    }

    @Test
    @DisplayName("takes every call again after an orderly stop half way, because an earlier release may start next")
    void stopped() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(oneTable());
        calls.storeAll(callsOfAllTimes());
        List<String> statements =
                Database.POSTGRESQL.dialect().partitioning().get(0).statements();
        for (String statement : statements.subList(0, statements.size() - 2)) {
            execute(statement);
        }
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
        try (Connection report = database.getConnection();
                CapturedLog log = CapturedLog.of(SchemaUpgrade.class.getName())) {
            report.setAutoCommit(false);
            report.createStatement().execute("lock table llm_calls in access share mode");
            upgrade.start(Thread::new);
            while (log.messages().isEmpty()) {
                Pause.sleep(10);
            }
        }

        upgrade.stop();

        calls.store(Calls.ok("acme", now.plus(300, ChronoUnit.DAYS)));
        assertThat(text(KIND)).isEqualTo("r");
        assertThat(text("select count(*) from llm_calls")).isEqualTo("6");
        assertThat(text("select to_regclass('llm_calls_beyond') is null")).isEqualTo("t");
    }

    @Test
    @DisplayName(
            "is partitioned even if the application is killed after each statement, and calls are recorded meanwhile")
    void killed() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(oneTable());
        calls.storeAll(callsOfAllTimes());
        List<CallRecord> waited = new ArrayList<>();
        int stored = 5;
        List<String> statements =
                Database.POSTGRESQL.dialect().partitioning().get(0).statements();
        for (int killedAfter = 1; killedAfter <= statements.size(); killedAfter++) {
            if ("p".equals(text(KIND))) {
                break;
            }
            // Each round is like a new node: it begins the file from its start, and is killed one statement later than
            // in the round before.
            for (String statement : statements.subList(0, killedAfter)) {
                execute(statement);
            }
            calls.store(Calls.ok("acme", now));
            stored++;
            CallRecord ahead = Calls.ok("acme", now.plus(300, ChronoUnit.DAYS));
            try {
                calls.store(ahead);
                stored++;
            } catch (WriteConflictException waits) {
                waited.add(ahead);
            }
        }
        assertThat(waited).isNotEmpty();

        TestDatabases.opened(database);

        assertThat(calls.storeAll(waited)).hasSize(waited.size());
        assertThat(text(KIND)).isEqualTo("p");
        assertThat(text("select count(distinct id) || ' ' || count(*) from llm_calls"))
                .isEqualTo((stored + waited.size()) + " " + (stored + waited.size()));
    }

    @Test
    @DisplayName("is partitioned while calls are written, and no call is lost or stored twice")
    void writers() throws Exception {
        Store store = oneTable();
        AtomicBoolean ends = new AtomicBoolean();
        List<CompletableFuture<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            writers.add(CompletableFuture.supplyAsync(
                    () -> write(new JpaUsageRepository(store), ends), TestDatabases.THREADS));
        }
        Store other = TestDatabases.store(Map.of());
        other.open(database);
        SchemaUpgrade upgrade = new SchemaUpgrade(other, LongSteps.Watch.NONE);
        while (!upgrade.tryOnce()) {
            Thread.onSpinWait();
        }
        Pause.sleep(200);
        ends.set(true);
        int stored = writers.stream().mapToInt(CompletableFuture::join).sum();

        assertThat(text(KIND)).isEqualTo("p");
        assertThat(stored).isPositive();
        assertThat(text("select count(distinct id) || ' ' || count(*) from llm_calls"))
                .isEqualTo(stored + " " + stored);
    }

    private int write(JpaUsageRepository calls, AtomicBoolean ends) {
        int stored = 0;
        for (int i = 0; !ends.get(); i++) {
            CallRecord call = Calls.ok("acme", i % 10 == 0 ? now.plus(200, ChronoUnit.DAYS) : now);
            boolean isStored = false;
            while (!isStored) {
                try {
                    calls.storeAll(List.of(call));
                    isStored = true;
                } catch (WriteConflictException again) {
                    Pause.sleep(5);
                } catch (UsageStoreException e) {
                    throw new IllegalStateException(e);
                }
            }
            stored++;
        }
        return stored;
    }

    @Test
    @DisplayName("keeps owner, grants, comments, defaults, checks, triggers, policies and indexes")
    void comesAlong() throws Exception {
        oneTable();
        String role = "r" + database.getDatabaseName();
        for (String sql : List.of(
                "create role " + role,
                "create role o" + role,
                "grant create on schema public to o" + role,
                "grant select on llm_calls to " + role,
                "grant update (user_id) on llm_calls to " + role,
                "alter table llm_calls owner to o" + role,
                "comment on table llm_calls is 'the ledger'",
                "comment on column llm_calls.model is 'which'",
                "comment on index llm_calls_started is 'by time'",
                "alter table llm_calls alter column environment set default 'live'",
                "alter table llm_calls add constraint of_dba check (tenant_id <> 'nobody')",
                "create index of_dba on llm_calls (user_id) where user_id is not null",
                "alter table llm_calls replica identity full",
                "create table seen (n int)",
                "create function seen() returns trigger language plpgsql as"
                        + " 'begin insert into seen select count(*) from added; return null; end'",
                "create function each() returns trigger language plpgsql as"
                        + " 'begin new.session_id := ''by trigger''; return new; end'",
                "create trigger marks after insert on llm_calls referencing new table as added"
                        + " for each statement execute function seen()",
                "create trigger each before insert on llm_calls for each row execute function each()",
                "create trigger off before insert on llm_calls for each row execute function each()",
                "alter table llm_calls disable trigger off",
                "create policy p on llm_calls for select to " + role + " using (tenant_id = 'acme')",
                "alter table llm_calls enable row level security",
                "alter table llm_calls force row level security")) {
            execute(sql);
        }
        String before = kept();

        JpaUsageRepository calls = new JpaUsageRepository(TestDatabases.opened(database));
        calls.storeAll(callsOfAllTimes());

        assertThat(text(KIND)).isEqualTo("p");
        assertThat(kept()).isEqualTo(before);
        assertThat(text("select n from seen")).isEqualTo("5");
        assertThat(text("select count(*) from llm_calls where session_id = 'by trigger' and environment is null"))
                .isEqualTo("5");
        assertThat(text("select string_agg(distinct relreplident::text, '') from pg_class"
                        + " where relname like 'llm@_calls%' escape '@' and relkind in ('r', 'p')"))
                .isEqualTo("f");
        assertThat(text("select string_agg(distinct relowner::regrole::text, '') from pg_class"
                        + " where relname like 'llm@_calls%' escape '@' and relkind in ('r', 'p')"))
                .isEqualTo("o" + role);
        assertThatThrownBy(() -> execute("set role " + role + "; insert into llm_calls default values"))
                .hasMessageContaining("permission denied");
    }

    /** Everything about the table that users see. */
    private String kept() throws SQLException {
        return text("""
                select concat_ws(E'\\n', relowner::regrole, relrowsecurity, relforcerowsecurity, obj_description(c.oid, 'pg_class'),
                    (select string_agg(acl::text, ' ' order by acl::text) from unnest(relacl) acl),
                    (select string_agg(concat_ws(' ', attname, attacl, attnotnull, col_description(c.oid, attnum),
                            pg_get_expr(adbin, adrelid)), E'\\n' order by attname)
                       from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
                      where attrelid = c.oid and attnum > 0 and not attisdropped),
                    (select string_agg(conname || pg_get_constraintdef(oid), E'\\n' order by conname) from pg_constraint
                      where conrelid = c.oid and contype = 'c'),
                    (select string_agg(tgname || tgenabled || pg_get_triggerdef(oid), E'\\n' order by tgname) from pg_trigger
                      where tgrelid = c.oid),
                    (select string_agg(polname || polcmd || pg_get_expr(polqual, polrelid) || polroles::text, E'\\n') from pg_policy
                      where polrelid = c.oid),
                    (select string_agg(replace(pg_get_indexdef(indexrelid), 'ON ONLY', 'ON')
                            || coalesce(obj_description(indexrelid, 'pg_class'), ''), E'\\n' order by indexrelid::regclass::text)
                       from pg_index where indrelid = c.oid and not indisprimary))
                  from pg_class c where oid = to_regclass('llm_calls')""");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "view latest | create view latest as select * from llm_calls",
                "materialized view monthly | create materialized view monthly as select model from llm_calls",
                "rule quiet of llm_calls | create rule quiet as on delete to llm_calls do also select 1",
                "publication changes | create publication changes for table llm_calls",
                "publication everything | create publication everything for all tables",
                "foreign key bills_call_fkey of bills | create table bills (call uuid references llm_calls)",
                "inheritance of more from llm_calls | create table more () inherits (llm_calls)",
                "unique index by_span without started_at | create unique index by_span on llm_calls (span_id)",
                "unlogged table | alter table llm_calls set unlogged",
                "table llm_calls_first | create table llm_calls_first (n int)",
                "table llm_calls_beyond | create table llm_calls_beyond (n int)",
            })
    @DisplayName("stays one table if something depends on it, and the log names what")
    void dependents(String what, String sql) throws Exception {
        oneTable();
        execute(sql);

        try (CapturedLog log = CapturedLog.of(SchemaUpgrade.class.getName())) {
            new JpaUsageRepository(TestDatabases.opened(database)).storeAll(callsOfAllTimes());

            assertThat(log.messages()).anyMatch(line -> line.contains("stays one table") && line.contains(what));
        }
        assertThat(text(KIND)).isEqualTo("r");
        assertThat(text("select count(*) from llm_calls")).isEqualTo("5");
    }

    @Test
    @DisplayName("is partitioned in a schema with an unusual name, unless a publication has it there")
    void unusualSchema() throws Exception {
        execute("create schema \"O'Brien\"");
        database.setCurrentSchema("\"O'Brien\"");
        oneTable();
        execute("create publication changes for table llm_calls");
        try (CapturedLog log = CapturedLog.of(SchemaUpgrade.class.getName())) {
            TestDatabases.opened(database);
            assertThat(log.messages()).anyMatch(line -> line.contains("publication changes"));
        }
        execute("drop publication changes");

        JpaUsageRepository calls = new JpaUsageRepository(TestDatabases.opened(database));

        assertThat(text(KIND)).isEqualTo("p");
        calls.storeAll(callsOfAllTimes());
        assertThat(text("select count(*) from llm_calls")).isEqualTo("5");
    }

    @Test
    @DisplayName("stays one table if the role may not create tables, and the log has the statement for the DBA")
    void noRight() throws Exception {
        oneTable();
        String role = "r" + database.getDatabaseName();
        execute("create role " + role + " login");
        execute("revoke create on schema public from public");
        for (String table : List.of("llm_calls", "tokentally_schema_history", "tokentally_nodes")) {
            execute("alter table " + table + " owner to " + role);
        }
        database.setUser(role);

        try (CapturedLog log = CapturedLog.of(SchemaUpgrade.class.getName())) {
            new JpaUsageRepository(TestDatabases.opened(database)).storeAll(callsOfAllTimes());

            assertThat(log.messages()).anyMatch(line -> line.contains("grant create on schema public to " + role));
        }
        assertThat(text(KIND)).isEqualTo("r");
    }

    @Test
    @DisplayName(
            "lets no erasure end while calls of later times are away, and repeats an erasure when such calls came back meanwhile")
    void beyond() throws Exception {
        Store store = oneTable();
        String writers = store.dialect().writers().orElseThrow();
        assertThat(text(writers)).isNull();
        new JpaUsageRepository(store).store(Calls.ok("acme", now.plus(366, ChronoUnit.DAYS)));

        execute(
                "insert into tokentally_erasures (id, number, tenant_id, user_hash, key_check, pseudonym, asked_at, state,"
                        + " rows_done, round) values (gen_random_uuid(), 1, 'acme', '', '', '', now(), 'running', 0, 7)");
        execute("create table llm_calls_beyond (like llm_calls)");
        execute("insert into llm_calls_beyond select * from llm_calls");
        assertThat(text(writers)).isNull();
        execute("comment on table llm_calls_beyond is 'Tokentally keeps calls here until llm_calls is partitioned'");

        assertThat(text(writers)).contains("llm_calls_beyond");
        TestDatabases.opened(database);
        assertThat(text(KIND)).isEqualTo("p");
        assertThat(text("select count(*) from llm_calls")).isEqualTo("1");
        assertThat(text(writers)).isNull();
        // An erasure that began to look before the calls were away does not end with what it has seen.
        assertThat(text("select round from tokentally_erasures")).isEqualTo("8");
    }

    @Test
    @DisplayName("is left alone if a DBA has partitioned it")
    void byDba() throws Exception {
        oneTable();
        execute("alter table llm_calls rename to old_calls");
        execute("create table llm_calls (like old_calls including defaults) partition by list (tenant_id)");
        execute("create table all_calls partition of llm_calls default");

        try (CapturedLog log = CapturedLog.of(SchemaUpgrade.class.getName())) {
            new JpaUsageRepository(TestDatabases.opened(database)).storeAll(callsOfAllTimes());

            assertThat(log.messages()).singleElement().asString().contains("A DBA has partitioned llm_calls");
        }
        assertThat(state(TestDatabases.store(Map.of()))).isEqualTo(new Partitions("by-dba", 5, 5));
        assertThat(text("select count(*) from all_calls")).isEqualTo("5");
        assertThat(text("select count(*) from pg_inherits where inhparent = to_regclass('llm_calls')"))
                .isEqualTo("1");
    }

    @Test
    @DisplayName("is one table again if partitions are turned off before the exchange")
    void turnedOff() throws Exception {
        JpaUsageRepository calls = new JpaUsageRepository(oneTable());
        calls.storeAll(callsOfAllTimes());
        List<String> statements =
                Database.POSTGRESQL.dialect().partitioning().get(0).statements();
        for (String statement : statements.subList(0, statements.size() - 2)) {
            execute(statement);
        }
        assertThat(text("select count(*) from llm_calls")).isEqualTo("2");
        CallRecord ahead = Calls.ok("acme", now.plus(300, ChronoUnit.DAYS));
        assertThatThrownBy(() -> calls.store(ahead)).isInstanceOf(WriteConflictException.class);

        assertThat(state(TestDatabases.store(Map.of()))).isEqualTo(new Partitions("converting", 4, 5));
        assertThat(state(oneTable())).isEqualTo(Partitions.ONE_TABLE);
        calls.store(ahead);

        assertThat(text("select count(*) from llm_calls")).isEqualTo("6");
        assertThat(text(KIND)).isEqualTo("r");
    }

    @Test
    @DisplayName("does not count as being converted where the module converts nothing")
    void isNotConverted() throws Exception {
        oneTable();

        assertThat(state(TestDatabases.store(Map.of())).state()).isEqualTo("converting");
        assertThat(state(TestDatabases.store(Map.of("tokentally.schema.migrate", "false"))))
                .isEqualTo(Partitions.ONE_TABLE);
    }

    @Test
    @DisplayName("takes calls while a report delays its partitioning, and is partitioned later")
    void report() throws Exception {
        Store store = oneTable();
        try (Connection report = database.getConnection()) {
            report.setAutoCommit(false);
            report.createStatement().execute("lock table llm_calls in access share mode");
            Store other = TestDatabases.store(Map.of());
            other.open(database);
            assertThat(new SchemaUpgrade(other, LongSteps.Watch.NONE).tryOnce()).isFalse();
            new JpaUsageRepository(store).storeAll(List.of(Calls.ok("acme", now)));
        }
        TestDatabases.opened(database);
        assertThat(text(KIND)).isEqualTo("p");
    }

    private void insert(int rows, String startedAt) throws SQLException {
        insert(rows, startedAt, database);
    }

    private static void insert(int rows, String startedAt, PGSimpleDataSource into) throws SQLException {
        execute(
                "insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, model, input_tokens,"
                        + " output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source, status)"
                        + " select gen_random_uuid(), gen_random_uuid(), 'stray', 'chat', " + startedAt
                        + " + n * interval '1 s', 1,"
                        + " 'm', 1, n, 0, 0, 0, 0, 'none', 'ok' from generate_series(1, " + rows + ") n",
                into);
    }

    /** Sets it for the connections that come. */
    private void set(String setting, String value) throws SQLException {
        execute("alter database " + database.getDatabaseName() + " set " + setting + " = '" + value + "'");
    }

    private void execute(String sql) throws SQLException {
        execute(sql, database);
    }

    private String text(String query) throws SQLException {
        return text(query, database);
    }

    private static void execute(String sql, PGSimpleDataSource on) throws SQLException {
        try (Connection connection = on.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(String query, PGSimpleDataSource on) throws SQLException {
        try (Connection connection = on.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
