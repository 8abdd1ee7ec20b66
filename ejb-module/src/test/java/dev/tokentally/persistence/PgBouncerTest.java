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
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

@OnOneJdk
@DisplayName("Behind PgBouncer")
@EnabledIf(value = "dev.tokentally.persistence.PgBouncer#isInstalled", disabledReason = PgBouncer.MISSING)
class PgBouncerTest {

    private static final Instant WHEN = Instant.parse("2026-11-28T06:00:00Z");

    private final PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);

    @TempDir
    Path folder;

    @ParameterizedTest
    @DisplayName("in transaction mode the start says what to do, whichever session PgBouncer gives")
    @ValueSource(strings = {"server_round_robin = 0", "server_round_robin = 1"})
    void transactionMode(String order) throws Exception {
        try (PgBouncer bouncer = PgBouncer.before(database, folder, "pool_mode = transaction", order)) {
            for (int idle = 0; idle < 4; idle++) {
                List<Connection> held = new ArrayList<>();
                for (int i = 0; i < idle; i++) {
                    held.add(bouncer.through(database).getConnection());
                    held.get(i).setAutoCommit(false);
                    held.get(i).createStatement().execute("select 1");
                }
                for (Connection connection : held) {
                    connection.close();
                }
                try (CapturedLog log = CapturedLog.of(Store.class.getName())) {
                    TestDatabases.store(Map.of()).open(bouncer.through(database));

                    assertThat(log.messages()).anyMatch(line -> line.contains("prepareThreshold=0"));
                }
            }
        }
    }

    @Test
    @DisplayName("in session mode, and without PgBouncer, the start says nothing, and the long steps run")
    void sessionMode() throws Exception {
        try (PgBouncer bouncer = PgBouncer.before(database, folder, "pool_mode = session")) {
            for (PGSimpleDataSource way : List.of(bouncer.through(database), database)) {
                try (CapturedLog log = CapturedLog.of("dev.tokentally.persistence")) {
                    Store store = TestDatabases.store(Map.of());
                    store.open(way);

                    assertThat(log.messages()).noneMatch(line -> line.contains("prepareThreshold"));
                    assertThat(new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce())
                            .isTrue();
                }
            }
        }
    }

    @Test
    @DisplayName("in transaction mode the tables are created, and no setting or lock stays in the sessions of others")
    void leavesNothingBehind() throws Exception {
        try (PgBouncer bouncer = PgBouncer.before(database, folder, "pool_mode = transaction")) {
            String searchPath = text("show search_path", bouncer.through(database));
            TestDatabases.store(Map.of()).open(bouncer.through(database));

            List<Connection> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Connection connection = bouncer.through(database).getConnection();
                all.add(connection);
                connection.setAutoCommit(false);
                assertThat(text("show search_path", connection)).isEqualTo(searchPath);
                assertThat(text("show statement_timeout", connection)).isEqualTo("0");
                assertThat(text("show role", connection)).isEqualTo("none");
                assertThat(text("show lock_timeout", connection)).isEqualTo("0");
            }
            for (Connection connection : all) {
                connection.close();
            }
            assertThat(text("select count(*) from pg_locks where locktype = 'advisory'", database))
                    .isEqualTo("0");
        }
    }

    @Test
    @DisplayName("in transaction mode the long steps are left to a DBA, which is logged once, and no lock stays")
    void longSteps() throws Exception {
        try (PgBouncer bouncer = PgBouncer.before(database, folder, "pool_mode = transaction")) {
            Store store = TestDatabases.store(Map.of());
            store.open(bouncer.through(database));
            SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
            try (CapturedLog log = CapturedLog.of(SchemaUpgrade.class.getName())) {
                assertThat(upgrade.tryOnce()).isFalse();
                assertThat(upgrade.tryOnce()).isFalse();

                assertThat(log.messages())
                        .singleElement()
                        .asString()
                        .contains("1_tenant_figures.sql", "2_cost_source.sql", "3_partitions.sql", "docs/upgrades.md");
            }
            assertThat(text("select count(*) from pg_locks where locktype = 'advisory'", database))
                    .isEqualTo("0");
            assertThat(new JpaRecordingNodes(store, new StoreReader(store, new Settings(new MapConfig(Map.of()))))
                            .partitions())
                    .as("while nobody converts it")
                    .isEqualTo(Partitions.ONE_TABLE);

            try (Connection dba = database.getConnection()) {
                new LongSteps(store.dialect().longSteps(), LongSteps.Watch.NONE).run(dba);
                assertThat(upgrade.tryOnce()).as("without partitions").isFalse();
                new LongSteps(store.dialect().partitioning(), LongSteps.Watch.NONE).run(dba);
            }
            assertThat(upgrade.tryOnce()).isTrue();
        }
    }

    @Test
    @DisplayName(
            "in transaction mode a month is dropped whose calls take longer to count than pool and database let a statement run")
    void dropsAMonth() throws Exception {
        try (PgBouncer bouncer = PgBouncer.before(database, folder, "pool_mode = transaction")) {
            PGSimpleDataSource impatient = bouncer.through(database);
            impatient.setSocketTimeout(2);
            Store store = TestDatabases.store(Map.of("tokentally.partitions", "false"));
            store.open(impatient);
            execute("create table llm_calls_2001_01 (like llm_calls)");
            execute("comment on table llm_calls_2001_01 is 'Tokentally drops this table, since its calls are too old'");
            execute("update tokentally_rollup_state set kept_from = '2002-01-01 00:00:00+00' where id = 1");
            execute("alter database " + database.getDatabaseName() + " set statement_timeout = '2500ms'");
            RetentionJob retention = new RetentionJob(
                    store,
                    new Settings(new MapConfig(Map.of("tokentally.retention.calls", "36500d"))),
                    Clock.systemUTC(),
                    Duration.ZERO);
            try (Connection reader = database.getConnection()) {
                reader.setAutoCommit(false);
                reader.createStatement().execute("lock table llm_calls_2001_01 in access exclusive mode");
                CompletableFuture<Boolean> round =
                        CompletableFuture.supplyAsync(retention::round, TestDatabases.THREADS);
                assertThatThrownBy(() -> round.get(4, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
                reader.commit();
                round.get(30, TimeUnit.SECONDS);
            }

            assertThat(text("select to_regclass('llm_calls_2001_01')", database))
                    .isNull();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    @DisplayName("in transaction mode records are stored, and a repeat finds them")
    void records() throws Exception {
        try (PgBouncer bouncer = PgBouncer.before(database, folder, "pool_mode = transaction")) {
            Store store = TestDatabases.store(Map.of());
            store.open(bouncer.through(database));
            JpaUsageRepository repository = new JpaUsageRepository(store);
            List<CallRecord> calls =
                    Stream.generate(() -> Calls.ok("acme", WHEN)).limit(600).toList();
            for (CallRecord call : calls.subList(0, 50)) {
                repository.store(call);
            }
            repository.storeAgain(calls.get(0));
            assertThat(repository.storeAll(calls)).hasSize(550);
            assertThat(text("select count(*) from llm_calls", database)).isEqualTo("600");
        }
    }

    @Test
    @DisplayName("in transaction mode, if the driver prepares statements, the reason of the outage says what to do")
    void preparedStatements() throws Exception {
        try (PgBouncer bouncer = PgBouncer.before(database, folder, "pool_mode = transaction")) {
            PGSimpleDataSource through = bouncer.through(database);
            through.setPrepareThreshold(1);
            assertThatThrownBy(() -> {
                        Store store = TestDatabases.store(Map.of());
                        store.open(through);
                        for (int i = 0; i < 20; i++) {
                            new JpaUsageRepository(store).storeAll(List.of(Calls.ok("acme", WHEN)));
                        }
                    })
                    .hasStackTraceContaining("prepareThreshold");
        }
    }

    private static String text(String query, PGSimpleDataSource database) throws SQLException {
        try (Connection connection = database.getConnection()) {
            return text(query, connection);
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
