package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.mvstore.DataUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

@OnOneJdk
@DisplayName("A store that is not usable yet lets the application start, and the log says what to do:")
class UnusableStoreTest {

    private static String start(Store store, DataSource database) {
        try (CapturedLog log = CapturedLog.of(Store.class.getName())) {
            store.open(database);
            return String.join("\n", log.messages());
        }
    }

    private static void store(Store store) throws UsageStoreException {
        new JpaUsageRepository(store).storeAll(List.of(Calls.ok("acme", Instant.EPOCH)));
    }

    @Nested
    @DisplayName("a role of PostgreSQL")
    class OfARole {

        private final PGSimpleDataSource owners = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
        private final String role = "r" + UUID.randomUUID().toString().replace("-", "");
        private final AtomicInteger connections = new AtomicInteger();
        private final PGSimpleDataSource roles = new PGSimpleDataSource() {

            @Override
            public Connection getConnection() throws SQLException {
                connections.incrementAndGet();
                return super.getConnection();
            }
        };
        private final Store store = TestDatabases.store(Map.of());

        /** Since PostgreSQL 15 a new database is like this from the beginning. */
        @BeforeEach
        void noRightsInPublic() throws SQLException {
            as(owners, "revoke create on schema public from public", "create role " + role + " login");
            roles.setUrl(owners.getUrl());
            roles.setUser(role);
        }

        @AfterEach
        void dropRole() throws SQLException {
            as(owners, "drop owned by " + role, "drop role " + role);
        }

        @Test
        @DisplayName("that may not create tables; records are stored once it may")
        void noTables() throws Exception {
            assertThat(start(store, roles)).contains("create schema tokentally authorization", "docs/upgrades.md");
            assertThat(connections)
                    .as("Flyway, which tries for ten seconds, is not started")
                    .hasValue(1);
            assertThatThrownBy(() -> store(store))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("may not make or change the tables");

            as(owners, "grant create on schema public to " + role);
            store(store);
        }

        @Test
        @DisplayName("that may not even use the schema")
        void noSchema() throws Exception {
            as(owners, "revoke all on schema public from public");

            assertThat(start(store, roles)).contains("create schema tokentally authorization", "docs/upgrades.md");
            assertThat(connections)
                    .as("Flyway, which tries for ten seconds, is not started")
                    .hasValue(1);
        }

        @Test
        @DisplayName("with a schema of its own, which needs nothing")
        void ownSchema() throws Exception {
            as(
                    owners,
                    "create schema tokentally authorization " + role,
                    "alter role " + role + " set search_path = tokentally");

            assertThat(start(store, roles)).doesNotContain("docs/upgrades.md");
            store(store);
            assertThat(new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce()).isTrue();
        }

        @Test
        @DisplayName("that may make the schema which its search path names, and so needs nothing")
        void missingSchema() throws Exception {
            as(
                    owners,
                    "grant create on database " + owners.getDatabaseName() + " to " + role,
                    "alter role " + role + " set search_path = tokentally");

            assertThat(start(store, roles)).doesNotContain("docs/upgrades.md");
            store(store);
        }

        @Test
        @DisplayName(
                "that may only write is enough if the tables are complete, and the log says once what is left to a DBA")
        void onlyWrites() throws Exception {
            TestDatabases.store(Map.of()).open(owners);
            as(owners, "grant select, insert, update on llm_calls to " + role);
            try (CapturedLog log = CapturedLog.of("dev.tokentally.persistence")) {
                store.open(roles);
                store(store);
                SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
                upgrade.tryOnce();
                upgrade.tryOnce();

                assertThat(log.messages()).anyMatch(line -> line.contains("tokentally.schema.migrate=false"));
                assertThat(log.messages())
                        .filteredOn(line -> line.contains("long step"))
                        .hasSize(1);
            }
        }

        @Test
        @DisplayName("that does not own the table which a script changes; records are stored once it does")
        void notTheOwner() throws Exception {
            OldRelease.make("3", Database.POSTGRESQL, owners);
            as(
                    owners,
                    "grant all on llm_calls, tokentally_schema_history to " + role,
                    "grant create on schema public to " + role);

            assertThat(start(store, roles)).contains("let it own llm_calls", "docs/upgrades.md");

            as(owners, "alter table llm_calls owner to " + role);
            store(store);
        }

        private static void as(DataSource database, String... statements) throws SQLException {
            try (Connection connection = database.getConnection();
                    Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            }
        }
    }

    @Nested
    @DisplayName("a PostgreSQL with tables of 0.1")
    class WithAnOldTable {

        private final PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
        private final Store store = TestDatabases.store(Map.of());

        @BeforeEach
        void oldTable() {
            OldRelease.make("3", Database.POSTGRESQL, database);
        }

        @Test
        @DisplayName(
                "that is read-only, as during a failover; the upgrade is made and records are stored once it is not")
        void readOnly() throws Exception {
            OfARole.as(
                    database,
                    "alter database " + database.getDatabaseName() + " set default_transaction_read_only = on");

            assertThat(start(store, database)).contains("lead to the primary", "in a read-only transaction");
            assertThatThrownBy(() -> store(store)).isInstanceOf(StoreUnavailableException.class);

            OfARole.as(
                    database,
                    "set default_transaction_read_only = off",
                    "alter database " + database.getDatabaseName() + " reset default_transaction_read_only");
            store(store);
            assertThat(Reports.latest(store, "acme", 10)).hasSize(1);
        }

        /** A trigger of the customer may refuse a script for any reason; so does a disk that is full. */
        @ParameterizedTest(name = "{0}")
        @DisplayName("that refuses a script; the upgrade is made and records are stored once it does not")
        @CsvSource({"53100, short of disk space", "58030, not today", "P0001, not today"})
        void refusedScript(String state, String reason) throws Exception {
            OfARole.as(
                    database,
                    "create function refuse() returns event_trigger language plpgsql as"
                            + " $$ begin raise 'not today' using errcode = '" + state + "'; end $$",
                    "create event trigger refusing on ddl_command_start when tag in ('ALTER TABLE')"
                            + " execute function refuse()");

            assertThat(start(store, database)).contains("records wait in the spool", reason, "not today");
            assertThatThrownBy(() -> store(store)).isInstanceOf(StoreUnavailableException.class);

            OfARole.as(database, "drop event trigger refusing");
            store(store);
            assertThat(Reports.latest(store, "acme", 10)).hasSize(1);
        }
    }

    @Test
    @DisplayName("an H2 file that is read-only, with tables of 0.1; records are stored once it is not")
    void readOnlyFile(@TempDir Path folder) throws Exception {
        String url = "jdbc:h2:file:" + folder.resolve("usage");
        OldRelease.make("2", Database.H2, TestDatabases.h2(url));
        Store store = TestDatabases.store(Map.of());
        JdbcDataSource database = (JdbcDataSource) TestDatabases.h2(url + ";ACCESS_MODE_DATA=r");

        assertThat(start(store, database)).contains("ACCESS_MODE_DATA", "read only");
        assertThatThrownBy(() -> store(store)).isInstanceOf(StoreUnavailableException.class);

        database.setURL(url);
        store(store);
    }

    @Test
    @DisplayName("one that cannot be reached; the line names the root cause, and no password")
    void unreachable() {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setServerNames(new String[] {"localhost"});
        nowhere.setPortNumbers(new int[] {1});
        nowhere.setUser("ann");
        nowhere.setPassword("secret");

        assertThat(start(TestDatabases.store(Map.of()), nowhere))
                .contains("is out of reach at start", "refused")
                .doesNotContain("secret", "\n");
    }

    @ParameterizedTest(name = "format {0}")
    @DisplayName("an H2 file of another version, which is not called damaged; records are stored once it is readable")
    @ValueSource(chars = {'1', '4'})
    void otherVersion(char format, @TempDir Path folder) throws Exception {
        DataSource database = TestDatabases.h2("jdbc:h2:file:" + folder.resolve("usage"));
        Path file = folder.resolve("usage.mv.db");
        TestDatabases.store(Map.of()).open(database);
        byte[] whole = Files.readAllBytes(file);
        byte[] other = whole.clone();
        // The header is in each of the first two blocks.
        for (int block = 0; block < 2; block++) {
            setFormat(format, block * 4096, other);
        }
        Files.write(file, other);
        Store store = TestDatabases.store(Map.of());

        assertThat(start(store, database))
                .contains("another version of H2", "org.h2.tools.Script", "docs/upgrades.md")
                .doesNotContain("damaged", "Recover tool");
        assertThatThrownBy(() -> store(store)).isInstanceOf(StoreUnavailableException.class);

        Files.write(file, whole);
        store(store);
    }

    /** Writes another format into a header of H2, and the header's checksum. */
    private static void setFormat(char format, int at, byte[] file) {
        String header = new String(file, at, 4096, StandardCharsets.ISO_8859_1);
        int checksum = header.indexOf(",fletcher:");
        int formatAt = header.indexOf("format:") + "format:".length();
        file[at + formatAt] = (byte) format;
        byte[] sum = ("," + "fletcher:" + Integer.toHexString(DataUtils.getFletcher32(file, at, checksum)))
                .getBytes(StandardCharsets.ISO_8859_1);
        int end = header.indexOf('\n', checksum);
        Arrays.fill(file, at + checksum, at + end, (byte) ' ');
        System.arraycopy(sum, 0, file, at + checksum, sum.length);
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                damage("one byte", file -> Arrays.copyOf(file, 1)),
                damage("less than a block", file -> Arrays.copyOf(file, 4096)),
                // If the file is cut in the middle, H2 may also open it in an earlier state: it goes back to the last
                // complete one.
                damage("no header", file -> {
                    Arrays.fill(file, 0, 8192, (byte) 0);
                    return file;
                }),
                damage("noise", file -> {
                    new Random(1).nextBytes(file);
                    return file;
                }));
    }

    private static Arguments damage(String what, UnaryOperator<byte[]> damage) {
        return Arguments.of(what, damage);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("a damaged or cut H2 file; records are stored once it is repaired")
    @MethodSource("damages")
    void damagedFile(String what, UnaryOperator<byte[]> damage, @TempDir Path folder) throws Exception {
        DataSource database = TestDatabases.h2("jdbc:h2:file:" + folder.resolve("usage"));
        Path file = folder.resolve("usage.mv.db");
        try (Connection held = database.getConnection()) {
            Store before = TestDatabases.store(Map.of());
            before.open(database);
            OldRelease.insert(5_000, Database.H2, database);
            before.close();
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, damage.apply(whole.clone()));
        Store store = TestDatabases.store(Map.of());

        assertThat(start(store, database)).contains("Recover tool", "docs/upgrades.md");
        assertThatThrownBy(() -> store(store))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("is damaged");

        Files.write(file, whole);
        try (Connection held = database.getConnection()) {
            store(store);
        }
    }
}
