package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@DisplayName("An upgrade of a table that has rows, on PostgreSQL")
class SchemaUpgradeTest {

    private static final int ROWS = 1_000;

    private static final String IS_MADE = """
            select count(*) from pg_index where indexrelid = to_regclass('llm_calls_tenant_figures') and indisvalid""";

    /** Shorter than any of the steps takes, as a role or a pool may have them. */
    private static final String SHORT_TIMEOUTS =
            "-c statement_timeout=50 -c lock_timeout=1000 -c idle_in_transaction_session_timeout=200";

    private final PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
    /** Without the timeouts that a test sets. */
    private final String url = database.getUrl();

    private final CallRecord call = Calls.ok("acme", Instant.parse("2026-11-28T06:00:00Z"));

    /** As the first release left it, its history as the third did. */
    @BeforeEach
    void oldTable() throws SQLException {
        TestDatabases.opened(database);
        execute("drop index llm_calls_tenant_figures");
        execute("create index llm_calls_tenant_started on llm_calls (tenant_id, started_at)");
        execute("alter table llm_calls drop constraint llm_calls_cost_source");
        execute("alter table llm_calls add constraint llm_calls_cost_source"
                + " check (cost_source in ('provider', 'price-list', 'none'))");
        for (String column : new String[] {"service_tier", "kind", "meters", "usage_doubts"}) {
            execute("alter table llm_calls drop column " + column);
        }
        execute("update tokentally_schema_history set version = '3', script = 'V3__reports_from_an_index.sql',"
                + " description = 'reports from an index', checksum = 1 where version = '4'");
    }

    private void insertRows() throws SQLException {
        execute("""
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                    cost_source, status)
                select gen_random_uuid(), gen_random_uuid(), 't' || n %% 100, 'chat', timestamptz '2026-01-01' + n * interval '1 s',
                    1, 'openai', 'gpt-4o', 1, 1, 0, 0, 0, 0, 'none', 'ok' from generate_series(1, %d) n""".formatted(ROWS));
    }

    @Test
    @DisplayName(
            "records at once, and makes its index beside recording, however short the timeouts of role and pool are")
    void shortTimeouts() throws Exception {
        insertRows();
        database.setOptions(SHORT_TIMEOUTS);
        database.setSocketTimeout(1);
        Store store = TestDatabases.store(Map.of());

        store.open(database);
        new JpaUsageRepository(store).store(call);
        assertThat(count(IS_MADE)).isZero();
        CompletableFuture<Void> upgraded;
        // It makes the index wait for longer than each of the timeouts.
        try (Connection older = olderTransaction()) {
            upgraded = CompletableFuture.runAsync(new SchemaUpgrade(store));
            assertThat(Pause.of(2000)).isTrue();
            assertThat(upgraded).isNotDone();
            new JpaUsageRepository(store).store(Calls.ok("acme", call.startedAt()));
        }
        upgraded.join();

        assertThat(count(IS_MADE)).isEqualTo(1);
        assertThat(count("select count(*) from pg_class where relname = 'llm_calls_tenant_started'"))
                .isZero();
        assertThat(count("select count(*) from pg_constraint where conname = 'llm_calls_cost_source' and convalidated"))
                .isEqualTo(1);
        assertThat(count("select count(*) from llm_calls where kind = 'chat' and usage_doubts = ''"))
                .isEqualTo(ROWS + 2);
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

            assertThat(new LongSteps(store.dialect().longSteps()).run(connection))
                    .isTrue();

            assertThat(connection.getAutoCommit()).isFalse();
            assertThat(connection.getNetworkTimeout()).isEqualTo(1234);
            assertThat(text("show statement_timeout", connection)).isEqualTo("50ms");
            assertThat(text("show idle_in_transaction_session_timeout", connection))
                    .isEqualTo("200ms");
        }
        assertThat(count("select count(*) from pg_locks where locktype = 'advisory'"))
                .isZero();
    }

    @Test
    @DisplayName("drops the invalid index that a killed try has left, and makes it anew")
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

        new SchemaUpgrade(store).run();

        assertThat(count(IS_MADE)).isEqualTo(1);
        assertThat(count("select count(*) from pg_index where not indisvalid")).isZero();
    }

    @Test
    @DisplayName("is made by one node at a time, and ends at once when the application stops")
    void oneNodeAtATime() throws Exception {
        insertRows();
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        try (Connection older = olderTransaction();
                Connection first = database.getConnection();
                Connection second = database.getConnection()) {
            LongSteps running = new LongSteps(store.dialect().longSteps());
            CompletableFuture<Boolean> made = CompletableFuture.supplyAsync(() -> run(running, first));
            while (count("select count(*) from pg_stat_progress_create_index") == 0 && !made.isDone()) {
                Thread.onSpinWait();
            }

            assertThat(new LongSteps(store.dialect().longSteps()).run(second)).isFalse();
            running.cancel();

            assertThat(made.join()).isFalse();
            assertThat(count("select count(*) from pg_locks where locktype = 'advisory'"))
                    .isZero();
        }
        new SchemaUpgrade(store).run();
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
    @DisplayName("waits for a transaction that uses the table, without being told as an outage")
    void lockedTable() throws Exception {
        try (Connection report = database.getConnection()) {
            report.setAutoCommit(false);
            report.createStatement().execute("lock table llm_calls in access share mode");
            CompletableFuture<Void> ends = CompletableFuture.runAsync(() -> {
                Pause.of(3000);
                try {
                    report.rollback();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Store store = TestDatabases.store(Map.of());

            store.open(database);
            ends.join();
            new JpaUsageRepository(store).store(call);
        }
        assertThat(count("select count(*) from llm_calls")).isEqualTo(1);
    }

    /** An index that is made concurrently waits until it has ended. */
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

    /** On a connection without the timeouts of the test. */
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
