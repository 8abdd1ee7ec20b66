package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.Calls;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Uses a million rows: {@code mvn -Pupgrades verify}. */
@DisplayName("An upgrade from an older version")
class UpgradesTest {

    private static final int ROWS = Integer.getInteger("upgrades.rows", 5_000);
    private static final int NODES = 3;

    /** The keys of small tables are left out, because the scripts make them in a moment. */
    private static final String MAKES_AN_INDEX = "select pid from pg_stat_progress_create_index"
            + " where datname = current_database() and command = 'CREATE INDEX CONCURRENTLY'";

    @ParameterizedTest
    @DisplayName("works on PostgreSQL with several nodes at once, one of them killed, while an old node writes")
    @ValueSource(strings = {"1", "3", "4"})
    void onPostgres(String version) throws Exception {
        PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
        OldRelease.make(version, Database.POSTGRESQL, database);
        OldRelease.insert(ROWS, Database.POSTGRESQL, database);
        // If the index is there already, as in 0.1, the test makes it look like the result of a killed try.
        if (version.equals("3")) {
            TestDatabases.execute(
                    database,
                    "update pg_index set indisvalid = false where indexrelid = to_regclass('llm_calls_tenant_figures')");
        }
        CountDownLatch done = new CountDownLatch(1);
        AtomicInteger written = new AtomicInteger();
        AtomicInteger mostAtOnce = new AtomicInteger();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Connection older = olderTransaction(database)) {
            Future<?> oldNode = threads.submit(whileNot(done, database, connection -> {
                OldRelease.write(connection);
                written.incrementAndGet();
            }));
            Future<?> sampler = threads.submit(whileNot(done, database, connection -> {
                int now = count("select count(*) from (" + MAKES_AN_INDEX + ") makes", connection);
                mostAtOnce.accumulateAndGet(now, Math::max);
            }));
            List<Future<Void>> nodes = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                nodes.add(threads.submit(node(impatient(database), written)));
            }
            killOnce(database, nodes);
            older.rollback();
            for (Future<Void> node : nodes) {
                node.get(10, TimeUnit.MINUTES);
            }
            done.countDown();
            oldNode.get();
            sampler.get();
        } finally {
            done.countDown();
            threads.shutdownNow();
        }

        try (Connection connection = database.getConnection()) {
            assertThat(LongSteps.left(Database.POSTGRESQL.dialect().longSteps(), connection))
                    .isEmpty();
            assertThat(count("select count(*) from pg_index where not indisvalid", connection))
                    .isZero();
            assertThat(count(
                            "select count(*) from pg_locks where locktype = 'advisory'"
                                    + " and database = (select oid from pg_database where datname = current_database())",
                            connection))
                    .isZero();
            assertThat(count("select count(*) from llm_calls", connection)).isEqualTo(ROWS + written.get());
        }
        assertThat(mostAtOnce).hasValue(1);
    }

    @ParameterizedTest
    @DisplayName("works on H2")
    @ValueSource(strings = {"1", "2", "4"})
    void onH2(String version, @TempDir Path folder) throws Exception {
        DataSource database = TestDatabases.h2("jdbc:h2:file:" + folder.resolve("usage"));
        try (Connection held = database.getConnection()) {
            onH2(version, database);
        }
    }

    private static void onH2(String version, DataSource database) throws Exception {
        OldRelease.make(version, Database.H2, database);
        OldRelease.insert(ROWS, Database.H2, database);

        try (CapturedLog log = CapturedLog.of(H2Dialect.class.getName())) {
            Store store = TestDatabases.opened(database);
            new JpaUsageRepository(store).store(Calls.metered("acme", Instant.EPOCH));

            assertThat(log.messages()).allMatch(line -> line.contains(ROWS + " rows"));
            assertThat(log.messages()).hasSize(version.equals("4") ? 1 : version.equals("2") ? 2 : 3);
        }

        try (Connection connection = database.getConnection()) {
            assertThat(count("select count(*) from llm_calls", connection)).isEqualTo(ROWS + 1);
            assertThat(count(
                            "select count(*) from llm_calls where kind = 'chat' and meters = ''"
                                    + " and tags is null and requested_model is null",
                            connection))
                    .isEqualTo(ROWS);
        }
    }

    @Test
    @DisplayName("can be undone, because release 0.1 finds its last script in the history of the tables")
    void backToTheFirstRelease() throws Exception {
        PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
        OldRelease.make("3", Database.POSTGRESQL, database);
        TestDatabases.opened(database);

        try (Connection connection = database.getConnection()) {
            assertThat(count(
                            "select count(*) from tokentally_schema_history where version = '3' and success",
                            connection))
                    .isEqualTo(1);
            OldRelease.write(connection);
        }
    }

    /** Starts a node, records a call, and does the long steps or waits for the node that does them. */
    private static Callable<Void> node(DataSource database, AtomicInteger written) {
        return () -> {
            Store store = TestDatabases.store(Map.of());
            store.open(database);
            new JpaUsageRepository(store).storeAll(List.of(Calls.metered("new", Instant.EPOCH)));
            written.incrementAndGet();
            SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
            while (!upgrade.tryOnce()) {
                Pause.sleep(100);
            }
            store.close();
            return null;
        };
    }

    /** A pool as docs/application-servers.md describes it, with a role that has timeouts. */
    private static DataSource impatient(PGSimpleDataSource database) {
        PGSimpleDataSource impatient = new PGSimpleDataSource();
        impatient.setUrl(database.getUrl());
        impatient.setUser(database.getUser());
        impatient.setSocketTimeout(2);
        impatient.setOptions(
                "-c statement_timeout=1500 -c lock_timeout=1000 -c idle_in_transaction_session_timeout=1000");
        return impatient;
    }

    private static void killOnce(PGSimpleDataSource database, List<Future<Void>> nodes) throws Exception {
        try (Connection connection = database.getConnection()) {
            while (count("select count(pg_terminate_backend(pid)) from (" + MAKES_AN_INDEX + ") makes", connection)
                    == 0) {
                assertThat(nodes).as("the index is still to be made").noneMatch(Future::isDone);
                Pause.sleep(50);
            }
        }
    }

    private static Callable<Void> whileNot(CountDownLatch done, DataSource database, Step step) {
        return () -> {
            try (Connection connection = database.getConnection()) {
                while (!done.await(5, TimeUnit.MILLISECONDS)) {
                    step.on(connection);
                }
            }
            return null;
        };
    }

    /** A transaction that is older than the index. The index waits until this transaction has ended. */
    private static Connection olderTransaction(DataSource database) throws SQLException {
        Connection connection = database.getConnection();
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setAutoCommit(false);
        connection.createStatement().execute("select txid_current()");
        return connection;
    }

    private static int count(String query, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getInt(1);
        }
    }

    private interface Step {
        void on(Connection connection) throws SQLException;
    }
}
