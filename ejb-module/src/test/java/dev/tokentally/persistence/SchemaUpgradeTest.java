package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@OnOneJdk
@DisplayName("An upgrade of a table with rows, on PostgreSQL")
class SchemaUpgradeTest {

    private static final int ROWS = 1_000;

    private static final String IS_MADE = """
            select count(*) from pg_index where indexrelid = to_regclass('llm_calls_tenant_figures') and indisvalid""";

    /** A role or a pool may have such timeouts. A step that waits for another transaction waits longer than them. */
    private static final String SHORT_TIMEOUTS =
            "-c statement_timeout=900 -c lock_timeout=1000 -c idle_in_transaction_session_timeout=1100";

    private final PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
    /** The URL without the timeouts that a test sets. */
    private final String url = database.getUrl();

    private final CallRecord call = Calls.ok("acme", Instant.parse("2026-11-28T06:00:00Z"));

    /** Makes the table as the first release left it, with the history of the third. */
    @BeforeEach
    void oldTable() throws SQLException {
        Store oneTable = TestDatabases.store(Map.of("tokentally.partitions", "false"));
        oneTable.open(database);
        new SchemaUpgrade(oneTable, LongSteps.Watch.NONE).tryOnce();
        execute("drop index llm_calls_tenant_figures");
        execute("create index llm_calls_tenant_started on llm_calls (tenant_id, started_at)");
        execute("alter table llm_calls drop constraint llm_calls_cost_source");
        execute("alter table llm_calls add constraint llm_calls_cost_source"
                + " check (cost_source in ('provider', 'price-list', 'none'))");
        // The first release had 18 columns.
        for (CallColumn<?> column : CallColumn.ALL.subList(18, CallColumn.ALL.size())) {
            execute("alter table llm_calls drop column " + column);
        }
        execute("update tokentally_schema_history set version = '3', script = 'V3__reports_from_an_index.sql',"
                + " description = 'reports from an index', checksum = 1 where version = '4'");
        execute("delete from tokentally_schema_history where version = '6'");
    }

    private void insertRows() throws SQLException {
        execute("""
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                    cost_source, status)
                select gen_random_uuid(), gen_random_uuid(), 't' || n % 100, 'chat', timestamptz '2026-01-01' + n * interval '1 s',
                    1, 'openai', 'gpt-4o', 1, 1, 0, 0, 0, 0, 'none', 'ok' from generate_series(1, ROWS) n""".replace("ROWS", Integer.toString(ROWS)));
    }

    @Test
    @DisplayName(
            "lets calls be recorded at once, and makes its index meanwhile, however short the timeouts of role and pool are")
    void shortTimeouts() throws Exception {
        insertRows();
        boolean limitsTransactions = count("select count(*) from pg_settings where name = 'transaction_timeout'") > 0;
        database.setOptions(SHORT_TIMEOUTS + (limitsTransactions ? " -c transaction_timeout=1000" : ""));
        database.setSocketTimeout(1);
        Store store = TestDatabases.store(Map.of());

        store.open(database);
        new JpaUsageRepository(store).store(call);
        assertThat(count(IS_MADE)).isZero();
        CompletableFuture<Boolean> upgraded;
        // It makes the index wait for longer than each of the timeouts.
        try (Connection older = olderTransaction()) {
            upgraded = CompletableFuture.supplyAsync(new SchemaUpgrade(store, LongSteps.Watch.NONE)::tryOnce);
            assertThat(Pause.sleep(2000)).isTrue();
            assertThat(upgraded).isNotDone();
            new JpaUsageRepository(store).store(Calls.ok("acme", call.startedAt()));
        }
        assertThat(upgraded.join()).isTrue();

        assertThat(count(IS_MADE)).isEqualTo(1);
        assertThat(count("select count(*) from pg_class where relname = 'llm_calls_tenant_started'"))
                .isZero();
        assertThat(count("select count(*) from pg_constraint where conname = 'llm_calls_cost_source' and convalidated"
                        + " and conrelid = to_regclass('llm_calls')"))
                .isEqualTo(1);
        assertThat(count("select count(*) from llm_calls where kind = 'chat' and usage_doubts = ''"))
                .isEqualTo(ROWS + 2);
        assertThat(Reports.latest(store, "t7", ROWS))
                .hasSize(ROWS / 100)
                .allMatch(old -> old.origin().userId() == null && old.origin().tags() == null)
                .allMatch(
                        old -> old.links().equals(CallLinks.NONE) && old.usage().requestedModel() == null);
    }

    @Test
    @DisplayName("gives its connection back with the timeouts that it had")
    void timeoutsAreBack() throws Exception {
        database.setOptions(SHORT_TIMEOUTS);
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        try (Connection connection = database.getConnection()) {
            connection.setNetworkTimeout(Runnable::run, 1234);
            connection.setAutoCommit(false);

            assertThat(new LongSteps(store.dialect().longSteps(), LongSteps.Watch.NONE).run(connection))
                    .isTrue();

            assertThat(connection.getAutoCommit()).isFalse();
            assertThat(connection.getNetworkTimeout()).isEqualTo(1234);
            assertThat(text("show statement_timeout", connection)).isEqualTo("900ms");
            assertThat(text("show idle_in_transaction_session_timeout", connection))
                    .isEqualTo("1100ms");
        }
        assertThat(count("select count(*) from pg_locks where locktype = 'advisory'"))
                .isZero();
    }

    @Test
    @DisplayName("drops the invalid index that a killed try has left, and makes it again")
    void killedTry() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        try (Connection older = olderTransaction();
                Connection killed = database.getConnection();
                Statement index = killed.createStatement()) {
            index.execute("set statement_timeout = 200");
            assertThatThrownBy(() -> index.execute(
                            "create index concurrently llm_calls_tenant_figures on llm_calls (tenant_id)"))
                    .isInstanceOf(SQLException.class);
        }
        assertThat(count("select count(*) from pg_index where not indisvalid")).isEqualTo(1);

        new SchemaUpgrade(store, LongSteps.Watch.NONE).run();

        assertThat(count(IS_MADE)).isEqualTo(1);
        assertThat(count("select count(*) from pg_index where not indisvalid")).isZero();
    }

    @Test
    @DisplayName("runs on one node at a time, and ends at once when the application stops")
    void oneNodeAtATime() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        try (Connection older = olderTransaction();
                Connection first = database.getConnection();
                Connection second = database.getConnection()) {
            LongSteps running = new LongSteps(store.dialect().longSteps(), LongSteps.Watch.NONE);
            CompletableFuture<Boolean> made = CompletableFuture.supplyAsync(() -> run(running, first));
            while (count("select count(*) from pg_stat_progress_create_index") == 0 && !made.isDone()) {
                Thread.onSpinWait();
            }

            assertThat(new LongSteps(store.dialect().longSteps(), LongSteps.Watch.NONE).run(second))
                    .isFalse();
            while (!made.isDone()) {
                running.cancel();
                assertThat(Pause.sleep(10)).isTrue();
            }

            assertThat(made.join()).isFalse();
            assertThat(count("select count(*) from pg_locks where locktype = 'advisory'"))
                    .isZero();
        }
        new SchemaUpgrade(store, LongSteps.Watch.NONE).run();
        assertThat(count(IS_MADE)).isEqualTo(1);
    }

    private static boolean run(LongSteps steps, Connection connection) {
        try {
            return steps.run(connection);
        } catch (SQLException cancelled) {
            return false;
        }
    }

    @Test
    @DisplayName("waits for a transaction that uses the table, and does not report that as an outage")
    void lockedTable() throws Exception {
        try (Connection report = database.getConnection()) {
            report.setAutoCommit(false);
            report.createStatement().execute("lock table llm_calls in access share mode");
            CompletableFuture<Void> ends = CompletableFuture.runAsync(() -> {
                Pause.sleep(3000);
                try {
                    report.rollback();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            database.setSocketTimeout(1);
            database.setOptions("-c statement_timeout=1000");
            Store store = TestDatabases.store(Map.of());

            try (CapturedLog log = CapturedLog.of(Store.class.getName())) {
                store.open(database);

                assertThat(log.messages()).noneMatch(line -> line.contains("out of reach"));
            }
            ends.join();
            new JpaUsageRepository(store).store(call);
        }
        assertThat(count("select count(*) from llm_calls")).isEqualTo(1);
    }

    @Test
    @DisplayName("names the session that it waits for, and reports its progress")
    void progress() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        try (CapturedLog log = CapturedLog.of(StepWatch.class.getName())) {
            CompletableFuture<Void> upgraded;
            try (Connection older = olderTransaction()) {
                older.setClientInfo("ApplicationName", "nightly report");
                String pid = text("select pg_backend_pid()", older);
                upgraded = CompletableFuture.runAsync(new SchemaUpgrade(store, new StepWatch(store, Thread::new)));
                while (log.messages().stream().noneMatch(line -> line.contains("nightly report"))) {
                    Thread.onSpinWait();
                }
                assertThat(log.messages())
                        .anyMatch(line -> line.contains("1_tenant_figures.sql: waiting for")
                                && line.contains("it waits for session " + pid + " (application_name nightly report")
                                && line.contains("in a transaction since 20"));
            }
            upgraded.join();
        }
    }

    @Test
    @DisplayName("goes on even if there is no thread to watch it")
    void noThreadToLook() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(database);

        boolean done = new SchemaUpgrade(store, new StepWatch(store, work -> {
                    throw new OutOfMemoryError("unable to create native thread");
                }))
                .tryOnce();

        assertThat(done).isTrue();
    }

    @Test
    @DisplayName("is not cut off by the pool's time limit for statements")
    void queryTimeoutOfThePool() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(new DataSourceWrapper(database) {
            @Override
            Connection prepared(Connection connection) {
                return Impatient.of(connection);
            }
        });
        CompletableFuture<Boolean> done;
        try (Connection older = olderTransaction()) {
            done = CompletableFuture.supplyAsync(new SchemaUpgrade(store, LongSteps.Watch.NONE)::tryOnce);
            assertThat(Pause.sleep(2500)).isTrue();
        }
        assertThat(done.join()).isTrue();
    }

    @Test
    @DisplayName("restores its connection if it fails at the beginning")
    void failsAtTheBeginning() throws Exception {
        database.setOptions(SHORT_TIMEOUTS);
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        for (int statements = 1; statements <= 10; statements++) {
            try (Connection connection = database.getConnection()) {
                connection.setNetworkTimeout(Runnable::run, 1234);
                connection.setAutoCommit(false);
                Connection breaking = FailingAt.statement(statements, connection);

                assertThatThrownBy(() -> takeLock(breaking)).hasMessage("the statement failed");

                assertThat(connection.getAutoCommit()).isFalse();
                assertThat(connection.getNetworkTimeout()).isEqualTo(1234);
                assertThat(text("show statement_timeout", connection)).isEqualTo("900ms");
                assertThat(text("show lock_timeout", connection)).isEqualTo("1s");
            }
        }
    }

    @Test
    @DisplayName("closes a connection that it cannot restore, and leaves no lock")
    void failsAtTheEnd() throws Exception {
        TestDatabases.store(Map.of()).open(database);
        for (int statements = 11; statements <= 15; statements++) {
            try (Connection connection = database.getConnection()) {
                Connection breaking = FailingAt.statement(statements, connection);

                assertThatThrownBy(() -> takeLock(breaking)).hasMessage("the statement failed");

                assertThat(connection.isClosed()).isTrue();
            }
        }
    }

    private static void takeLock(Connection connection) throws SQLException {
        try (UntimedSession session = UntimedSession.of(connection)) {
            session.takes(1);
        }
    }

    @Test
    @DisplayName("reports the real reason if its connection breaks")
    void cutConnection() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        try (Connection older = olderTransaction();
                Connection connection = database.getConnection()) {
            CompletableFuture<Throwable> failure = CompletableFuture.supplyAsync(() -> {
                try {
                    new LongSteps(store.dialect().longSteps(), LongSteps.Watch.NONE).run(connection);
                    return null;
                } catch (SQLException e) {
                    return e;
                }
            });
            while (count("select count(*) from pg_stat_progress_create_index") == 0) {
                Thread.onSpinWait();
            }
            count("select count(pg_terminate_backend(pid)) from pg_stat_progress_create_index");

            assertThat(failure.join()).hasMessageContaining("terminating connection");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    @DisplayName("ends soon after the application stops, at any moment")
    void stops() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        try (Connection older = olderTransaction()) {
            for (int millis = 0; millis < 100; millis += 7) {
                SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
                Thread[] thread = {null};
                upgrade.start(work -> thread[0] = new Thread(work));
                assertThat(Pause.sleep(millis)).isTrue();

                upgrade.stop();

                // The transaction that the step waits for goes on, so the step ends only if it was cancelled.
                thread[0].join(TimeUnit.MINUTES.toMillis(1));
                assertThat(thread[0].isAlive()).isFalse();
            }
        }
        assertThat(new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce()).isTrue();
    }

    @Test
    @DisplayName("logs a failure once, and not at each try")
    void toldOnce() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        execute("insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, model,"
                + " input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,"
                + " cost_source, status) select gen_random_uuid(), gen_random_uuid(), 't', 'chat', now(), 1, 'm',"
                + " 1, 1, 0, 0, 0, 0, 'none', 'ok'");
        execute("alter table llm_calls drop constraint llm_calls_cost_source");
        execute("update llm_calls set cost_source = 'guess' where tenant_id = 't'");
        execute("alter table llm_calls add constraint llm_calls_cost_source check (cost_source <> 'guess') not valid");
        SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
        try (CapturedLog log = CapturedLog.of(SchemaUpgrade.class.getName())) {
            assertThat(upgrade.tryOnce()).isFalse();
            assertThat(upgrade.tryOnce()).isFalse();

            assertThat(log.messages()).singleElement().asString().contains("llm_calls_cost_source", "docs/upgrades.md");
        }
    }

    @Test
    @DisplayName(
            "accepts a history without the script that became a long step, and refuses one that lacks another script")
    void missingScripts() throws Exception {
        execute("insert into tokentally_schema_history (installed_rank, version, description, type, script, checksum,"
                + " installed_by, execution_time, success)"
                + " values (9, '2.5', 'of somebody', 'SQL', 'V2.5__of_somebody.sql', 1, 'x', 1, true)");

        assertThatThrownBy(() -> TestDatabases.store(Map.of()).open(database))
                .hasStackTraceContaining("V2.5__of_somebody.sql");

        execute("delete from tokentally_schema_history where version = '2.5'");
        TestDatabases.store(Map.of()).open(database);
        assertThat(count("select count(*) from tokentally_schema_history where version = '4'"))
                .isEqualTo(1);
    }

    @Test
    @DisplayName("is complete in the jar for a DBA: each file is one long step and may be run again")
    void filesOfTheJar() throws Exception {
        TestDatabases.store(Map.of()).open(database);
        Path folder = Path.of(getClass()
                .getClassLoader()
                .getResource("dev/tokentally/schema-postgresql-long")
                .toURI());
        Dialect dialect = Database.POSTGRESQL.dialect();
        List<LongStep> steps = dialect.longSteps();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(Stream.of(steps, dialect.partitioning(), dialect.backToOneTable(), dialect.marking())
                            .flatMap(List::stream)
                            .sorted(Comparator.comparing(LongStep::file)))
                    .extracting(step -> step.file().substring(step.file().lastIndexOf('/') + 1))
                    .containsExactlyElementsOf(
                            files.map(file -> file.getFileName().toString())
                                    .sorted()
                                    .toList());
        }
        for (int run = 0; run < 2; run++) {
            for (LongStep step : steps) {
                for (String statement : step.statements()) {
                    execute(statement);
                }
            }
        }
        try (Connection connection = database.getConnection()) {
            assertThat(LongSteps.left(steps, connection)).isEmpty();
        }
        for (int run = 0; run < 2; run++) {
            for (LongStep step : dialect.partitioning()) {
                for (String statement : step.statements()) {
                    // PostgreSQL refuses to make an index of a partitioned table this way.
                    if (run == 0 || !statement.contains("concurrently")) {
                        execute(statement);
                    }
                }
            }
        }
        assertThat(count("select count(*) from pg_constraint where conname like 'llm_calls_before%'"))
                .isZero();
        try (Connection connection = database.getConnection()) {
            assertThat(LongSteps.left(dialect.partitioning(), connection)).isEmpty();
            assertThat(LongSteps.left(steps, connection)).isEmpty();
        }
    }

    /** What psql does without ON_ERROR_STOP. */
    @Test
    @DisplayName("keeps the old index if the new one fails and the rest of the file is run all the same")
    void restOfTheFile() throws Exception {
        insertRows();
        TestDatabases.store(Map.of()).open(database);
        LongStep step = Database.POSTGRESQL.dialect().longSteps().get(0);
        try (Connection older = olderTransaction();
                Connection dba = database.getConnection();
                Statement statement = dba.createStatement()) {
            statement.execute("set statement_timeout = 200");
            assertThat(failures(step, statement)).isPositive();
            // The second run cannot drop the incomplete index either, since the older transaction has the table.
            assertThat(failures(step, statement)).isPositive();
        }
        assertThat(count("select count(*) from pg_index where indexrelid = to_regclass('llm_calls_tenant_started')"
                        + " and indisvalid"))
                .isEqualTo(1);

        new SchemaUpgrade(TestDatabases.opened(database), LongSteps.Watch.NONE).run();

        assertThat(count(IS_MADE)).isEqualTo(1);
        assertThat(count("select count(*) from pg_class where relname in"
                        + " ('llm_calls_tenant_started', 'llm_calls_tenant_replaced')"))
                .isZero();
    }

    private static int failures(LongStep step, Statement statement) {
        int failures = 0;
        for (String sql : step.statements()) {
            try {
                statement.execute(sql);
            } catch (SQLException failed) {
                failures++;
            }
        }
        return failures;
    }

    @Test
    @DisplayName("tells a DBA who runs the scripts which ones are left")
    void leftToADba() throws Exception {
        TestDatabases.store(Map.of()).open(database);
        Map<String, String> byHand = Map.of("tokentally.schema.migrate", "false");
        try (CapturedLog log = CapturedLog.of(Schema.class.getName())) {
            TestDatabases.store(byHand).open(database);

            assertThat(log.messages()).singleElement().asString().contains("1_tenant_figures.sql", "2_cost_source.sql");
        }
        try (Connection dba = database.getConnection()) {
            new LongSteps(Database.POSTGRESQL.dialect().longSteps(), LongSteps.Watch.NONE).run(dba);
            new LongSteps(Database.POSTGRESQL.dialect().partitioning(), LongSteps.Watch.NONE).run(dba);
        }
        try (CapturedLog log = CapturedLog.of(Schema.class.getName())) {
            TestDatabases.store(byHand).open(database);

            assertThat(log.messages()).isEmpty();
        }
    }

    /**
     * A transaction that is older than the index. An index that is made concurrently waits until this transaction has ended.
     */
    private Connection olderTransaction() throws SQLException {
        PGSimpleDataSource plain = new PGSimpleDataSource();
        plain.setUrl(url);
        plain.setUser(database.getUser());
        Connection connection = plain.getConnection();
        connection.setAutoCommit(false);
        connection.createStatement().execute("update llm_calls set cost_usd = 0 where false");
        connection.createStatement().execute("select txid_current()");
        return connection;
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Counts on a connection without the timeouts of the test. */
    private long count(String query) throws SQLException {
        PGSimpleDataSource plain = new PGSimpleDataSource();
        plain.setUrl(url);
        plain.setUser(database.getUser());
        try (Connection connection = plain.getConnection()) {
            return Long.parseLong(text(query, connection));
        }
    }

    private static String text(String query, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
