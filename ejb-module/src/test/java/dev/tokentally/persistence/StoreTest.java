package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository.Readiness;
import dev.tokentally.usage.UsageStoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.eclipse.persistence.internal.jpa.EntityManagerFactoryProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnOneJdk
class StoreTest {

    @Test
    @DisplayName("an H2 file with delayed commits is set to write them at once")
    void h2WritesAtOnce(@TempDir Path folder) throws SQLException {
        DataSource database = TestDatabases.h2("jdbc:h2:file:" + folder.resolve("usage"));
        try (Connection held = database.getConnection()) {
            assertThat(writeDelay(held)).isEqualTo("500");

            open(database, Map.of());

            assertThat(writeDelay(held)).isEqualTo("0");
        }
    }

    @Test
    @DisplayName("a database under a DBA's control is not changed")
    void dbasDatabase(@TempDir Path folder) throws SQLException {
        DataSource database = TestDatabases.h2("jdbc:h2:file:" + folder.resolve("usage"));
        try (Connection held = database.getConnection()) {
            open(database, Map.of("tokentally.schema.migrate", "false"));

            assertThat(writeDelay(held)).isEqualTo("500");
            assertThat(tables(held)).isEmpty();
        }
    }

    @ParameterizedTest
    @DisplayName("our tables are created beside an application's own tables and history")
    @EnumSource(Database.class)
    void besideTheApplications(Database kind) throws SQLException {
        DataSource database = TestDatabases.empty(kind);
        try (Connection connection = database.getConnection()) {
            connection.createStatement().execute("create table flyway_schema_history (note varchar(10))");

            open(database, Map.of());
            open(database, Map.of());

            assertThat(tables(connection)).contains("flyway_schema_history", "llm_calls", "tokentally_schema_history");
        }
    }

    @ParameterizedTest
    @DisplayName("a start that finds all scripts run does not start Flyway, and one that finds an older version does")
    @EnumSource(Database.class)
    void nothingToMake(Database kind) throws SQLException {
        DataSource database = TestDatabases.empty(kind);
        assertThat(flywayWorks(database)).isTrue();
        try (Connection connection = database.getConnection();
                Statement history = connection.createStatement()) {
            int newest = newest(history);
            assertThat(newest).isGreaterThanOrEqualTo(Integer.parseInt(Schema.NEWEST));
            assertThat(flywayWorks(database)).isFalse();
            assertThat(flywayWorks(new WithoutAutoCommit(database))).isFalse();

            history.execute("delete from \"tokentally_schema_history\" where cast(\"version\" as integer) >= 4");
            for (CallColumn<?> later : CallColumn.ALL.subList(18, CallColumn.ALL.size())) {
                history.execute("alter table llm_calls drop column " + later);
            }
            assertThat(flywayWorks(database)).isTrue();
            assertThat(newest(history)).isEqualTo(newest);
        }
    }

    @ParameterizedTest
    @DisplayName("a failed script stops every start until a person has looked at it")
    @EnumSource(Database.class)
    void failedScript(Database kind) throws SQLException {
        DataSource database = TestDatabases.empty(kind);
        open(database, Map.of());
        try (Connection connection = database.getConnection()) {
            connection
                    .createStatement()
                    .execute("update \"tokentally_schema_history\" set \"success\" = false where"
                            + " \"version\" = '1'");
        }

        assertThatThrownBy(() -> open(database, Map.of())).hasStackTraceContaining("failed migration to version 1");
    }

    @ParameterizedTest
    @DisplayName("the start finds that a column is missing, and if a DBA runs the scripts, the store takes no records")
    @EnumSource(Database.class)
    void missingColumn(Database kind) throws SQLException, UsageStoreException {
        DataSource database = TestDatabases.empty(kind);
        Map<String, String> dba = Map.of("tokentally.schema.migrate", "false");
        open(database, Map.of());
        new JpaUsageRepository(open(database, dba)).check();

        try (Connection connection = database.getConnection()) {
            connection.createStatement().execute("alter table llm_calls drop column usage_doubts");
        }

        try (CapturedLog log = CapturedLog.of(Schema.class.getName())) {
            JpaUsageRepository repository = new JpaUsageRepository(open(database, dba));
            assertThat(log.lines()).anyMatch(line -> line.getMessage().contains("lacks a column"));
            assertThatThrownBy(repository::check).isExactlyInstanceOf(UsageStoreException.class);
            assertThatThrownBy(() -> repository.store(Calls.ok("acme", Instant.EPOCH)))
                    .isExactlyInstanceOf(UsageStoreException.class);
        }
        assertThat(flywayWorks(database)).isTrue();
    }

    private static boolean flywayWorks(DataSource database) {
        try (CapturedLog log = CapturedLog.of("org.flywaydb")) {
            open(database, Map.of());
            return !log.lines().isEmpty();
        }
    }

    private static int newest(Statement history) throws SQLException {
        try (ResultSet row =
                history.executeQuery("select max(cast(\"version\" as integer)) from \"tokentally_schema_history\"")) {
            row.next();
            return row.getInt(1);
        }
    }

    @RepeatedTest(10)
    @DisplayName("nodes that start at the same time on one empty PostgreSQL all start")
    void nodesAtTheSameTime() throws Exception {
        DataSource database = TestDatabases.empty(Database.POSTGRESQL);
        int nodes = 6;
        CyclicBarrier start = new CyclicBarrier(nodes);
        ExecutorService executor = Executors.newFixedThreadPool(nodes);
        try {
            List<Callable<Store>> tasks = new ArrayList<>();
            for (int i = 0; i < nodes; i++) {
                tasks.add(() -> {
                    start.await();
                    return open(database, Map.of());
                });
            }
            for (Future<Store> store : executor.invokeAll(tasks)) {
                new JpaUsageRepository(store.get()).store(Calls.ok("acme", Instant.EPOCH));
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    @DisplayName("a database without scripts of ours stops the start, and the exception names it")
    void unsupported() {
        DataSource database = new DataSourceWrapper(TestDatabases.empty(Database.H2)) {
            @Override
            Connection prepared(Connection connection) {
                return Renamed.as("Oracle", "23ai", connection);
            }
        };

        assertThatThrownBy(() -> open(database, Map.of()))
                .hasMessageContaining("Oracle 23ai")
                .hasMessageContaining("tokentally.datasource");
    }

    @Test
    @DisplayName("a pool that throws when asked for a connection is an outage, at the start too")
    void brokenPool() throws Exception {
        DataSource database = TestDatabases.empty(Database.H2);
        AtomicBoolean isBroken = new AtomicBoolean(true);
        Store store = open(
                new DataSourceWrapper(database) {
                    @Override
                    Connection prepared(Connection connection) {
                        if (isBroken.get()) {
                            throw new IllegalStateException("Task already scheduled or cancelled");
                        }
                        return connection;
                    }
                },
                Map.of());

        assertThatThrownBy(() -> store.with(StoreTest::tables)).isInstanceOf(StoreUnavailableException.class);
        isBroken.set(false);
        assertThat(store.with(StoreTest::tables)).contains("llm_calls");
        isBroken.set(true);
        assertThatThrownBy(() -> store.with(StoreTest::tables)).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    @Timeout(60)
    @DisplayName(
            "it is known whether the store was not reached yet, is being prepared, was prepared in vain, or is ready")
    void readiness() throws Exception {
        Semaphore connections = new Semaphore(1);
        AtomicBoolean isAway = new AtomicBoolean(true);
        Store store = open(
                new DataSourceWrapper(TestDatabases.empty(Database.POSTGRESQL)) {
                    @Override
                    Connection prepared(Connection connection) throws SQLException {
                        connections.acquireUninterruptibly();
                        if (isAway.get()) {
                            throw new SQLNonTransientConnectionException("away", "08001");
                        }
                        return connection;
                    }
                },
                Map.of());
        assertThat(store.readiness()).isEqualTo(Readiness.NOT_REACHED);

        isAway.set(false);
        FutureTask<Void> check = new FutureTask<>(() -> {
            store.check();
            return null;
        });
        new Thread(check).start();
        await(connections::hasQueuedThreads);
        assertThat(store.readiness()).as("without a connection").isEqualTo(Readiness.NOT_REACHED);
        connections.release();
        await(() -> store.readiness() == Readiness.BEING_PREPARED);
        isAway.set(true);
        connections.release(1000);
        assertThatThrownBy(check::get).hasCauseInstanceOf(StoreUnavailableException.class);
        assertThat(store.readiness()).isEqualTo(Readiness.NOT_REACHED);

        isAway.set(false);
        store.check();
        assertThat(store.readiness()).isEqualTo(Readiness.READY);
        new JpaUsageRepository(store).store(Calls.ok("acme", Instant.EPOCH));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(5);
        }
    }

    @Test
    @DisplayName("a start without the store loads the classes of the persistence unit, up to the first connection")
    void rehearsal() {
        Logger logger = Logger.getLogger(PersistenceUnit.class.getName());
        logger.setLevel(java.util.logging.Level.ALL);
        try (CapturedLog log = CapturedLog.of(logger.getName())) {
            open(
                    new DataSourceWrapper(TestDatabases.empty(Database.POSTGRESQL)) {
                        @Override
                        Connection prepared(Connection connection) throws SQLException {
                            throw new SQLNonTransientConnectionException("away", "08001");
                        }
                    },
                    Map.of("tokentally.persistence.provider", "eclipselink"));

            assertThat(log.lines()).singleElement().satisfies(line -> assertThat(line.getThrown())
                    .hasStackTraceContaining("no connection yet"));
        } finally {
            logger.setLevel(null);
        }
    }

    @ParameterizedTest
    @DisplayName("a connection that breaks late in the preparation leaves no persistence unit behind")
    @ValueSource(strings = {"select current_timestamp", "close"})
    void brokenLate(String when) throws Exception {
        AtomicBoolean breaks = new AtomicBoolean(true);
        DataSource database = TestDatabases.withTables(Database.H2);
        Set<String> before = Set.copyOf(unitsOfEclipseLink());
        Store store = TestDatabases.store(Map.of("tokentally.persistence.provider", "eclipselink"));
        store.open(new DataSourceWrapper(database) {
            @Override
            Connection prepared(Connection connection) {
                return !breaks.get() ? connection : breakingAt(when, connection);
            }
        });

        for (int times = 0; times < 3; times++) {
            assertThatThrownBy(store::check).isInstanceOf(StoreUnavailableException.class);
        }
        assertThat(unitsOfEclipseLink()).isSubsetOf(before);
        breaks.set(false);
        store.check();
        store.close();
        assertThat(unitsOfEclipseLink()).isSubsetOf(before);
    }

    static Stream<Arguments> pools() {
        return Stream.of(Database.values())
                .flatMap(kind -> Stream.of(true, false).map(autoCommit -> Arguments.of(kind, autoCommit)));
    }

    @ParameterizedTest(name = "{0}, auto-commit {1}")
    @DisplayName("a database that goes down at any statement of the preparation is an outage, which stops no start")
    @MethodSource("pools")
    void goesDown(Database kind, boolean autoCommit) throws Exception {
        DataSource database = TestDatabases.withTables(kind);
        boolean isToTheEnd = false;
        for (int statement = 1; !isToTheEnd; statement++) {
            GoingDown goingDown = new GoingDown(database);
            goingDown.goDownAt(statement);
            Store store = TestDatabases.store(Map.of());
            try (CapturedLog log = CapturedLog.of(Store.class.getName())) {
                assertThatCode(() -> store.open(autoCommit ? goingDown : new WithoutAutoCommit(goingDown)))
                        .as("statement " + statement)
                        .doesNotThrowAnyException();
                isToTheEnd = !goingDown.isDown();
                if (!isToTheEnd) {
                    assertThat(log.messages())
                            .as("statement " + statement)
                            .last()
                            .asString()
                            .containsAnyOf("An I/O error", "Connection refused");
                }
            }
            goingDown.comeBack();
            store.check();
            store.close();
        }
    }

    /** Flyway hides some failures. After them it hears only that the connection is gone. */
    @ParameterizedTest
    @DisplayName("so is one that goes down while the tables are made")
    @EnumSource(Database.class)
    void goesDownMeanwhile(Database kind) {
        for (int statement : new int[] {4, 5, 6, 7, 8, 12, 20, 40}) {
            GoingDown goingDown = new GoingDown(TestDatabases.empty(kind));
            goingDown.goDownAt(statement);
            Store store = TestDatabases.store(Map.of());

            assertThatCode(() -> store.open(goingDown))
                    .as("statement " + statement)
                    .doesNotThrowAnyException();
            assertThat(goingDown.isDown()).as("statement " + statement).isTrue();
        }
    }

    private static Set<String> unitsOfEclipseLink() {
        return EntityManagerFactoryProvider.getEmSetupImpls().keySet();
    }

    private static Connection breakingAt(String when, Connection connection) {
        return Intercepted.of(Connection.class, connection, call -> {
            if (call.method().equals(when)) {
                connection.close();
                throw gone();
            }
            Object made = call.proceed();
            return !(made instanceof Statement statement) || made instanceof PreparedStatement
                    ? made
                    : Intercepted.of(Statement.class, statement, sent -> {
                        if (sent.text().filter(when::equals).isPresent()) {
                            throw gone();
                        }
                        return sent.proceed();
                    });
        });
    }

    private static SQLException gone() {
        return new SQLNonTransientConnectionException("gone", "08006");
    }

    static Stream<Throwable> anyThrown() {
        return Stream.of(
                new SQLException("the database's"),
                new UsageStoreException("ours", null),
                new IllegalStateException("a pool's"),
                new StackOverflowError());
    }

    @ParameterizedTest
    @DisplayName("work that runs as a component of the application returns and fails like any other work")
    @MethodSource("anyThrown")
    void asAComponent(Throwable thrown) throws Exception {
        Store store = TestDatabases.store(Map.of(), new StoreComponent());
        store.open(TestDatabases.empty(Database.H2));

        assertThat(store.with(StoreTest::tables)).contains("llm_calls");
        assertThatThrownBy(() -> store.with(connection -> {
                    throw sneaky(thrown);
                }))
                .isSameAs(thrown);
    }

    /** Throws any kind of exception, in one line. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private static Store open(DataSource database, Map<String, String> config) {
        Store store = TestDatabases.store(config);
        store.open(database);
        return store;
    }

    private static String writeDelay(Connection connection) throws SQLException {
        try (ResultSet rows = connection
                .createStatement()
                .executeQuery(
                        "select setting_value from information_schema.settings where setting_name = 'WRITE_DELAY'")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (ResultSet rows = connection
                .createStatement()
                .executeQuery("select lower(table_name) from information_schema.tables"
                        + " where lower(table_schema) = 'public'")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }
}
