package dev.tokentally.persistence;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.persistence.spi.PersistenceUnitTransactionType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.params.provider.Arguments;
import org.postgresql.ds.PGConnectionPoolDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** New, empty databases of each kind. */
final class TestDatabases {

    static final String USUAL_PROVIDER = "eclipselink";

    /** The JPA provider with which stores are opened. */
    static String provider = USUAL_PROVIDER;

    /**
     * A thread for each task. From Java 25 on, a machine with two cores has a single thread for tasks without an executor, and a
     * task that waits for another would wait for ever.
     */
    static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "in the background");
        thread.setDaemon(true);
        thread.start();
    };

    private static final int KEPT_POOLS = 20;
    private static final Queue<JdbcConnectionPool> POOLS = new ArrayDeque<>();

    private static EmbeddedPostgres postgres;
    private static String template;
    private static String script;

    private TestDatabases() {}

    static DataSource empty(Database kind) {
        return switch (kind) {
            case H2 -> h2("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
            case POSTGRESQL -> postgres("");
        };
    }

    /**
     * A database that has our tables already and no rows. It is a copy, which takes a tenth of the time in which the tables are
     * made. Tests of how tables are made begin with an empty database.
     */
    static DataSource withTables(Database kind) {
        return switch (kind) {
            case H2 -> copyOfH2();
            case POSTGRESQL -> copy();
        };
    }

    /** Every database with a table of calls that is not partitioned, and with one that is, where the module can do that. */
    static Stream<Arguments> withAndWithoutPartitions() {
        return Stream.of(Database.values()).flatMap(kind -> Stream.of(false, true)
                .filter(isPartitioned ->
                        !isPartitioned || !kind.dialect().partitioning().isEmpty())
                .map(isPartitioned -> Arguments.of(kind, isPartitioned)));
    }

    /** Whether the database itself marks all changes of calls, so that reports use rollups of kept calls. */
    static boolean marksAllChanges(Database kind) {
        return switch (kind) {
            case H2 -> false;
            case POSTGRESQL -> true;
        };
    }

    /** The expression for a new id. */
    static String newId(Database kind) {
        return switch (kind) {
            case H2 -> "random_uuid()";
            case POSTGRESQL -> "gen_random_uuid()";
        };
    }

    /** A table s with the numbers n from 1 on. */
    static String numbers(int last, Database kind) {
        return switch (kind) {
            case H2 -> "system_range(1, " + last + ") s (n)";
            case POSTGRESQL -> "generate_series(1, " + last + ") s (n)";
        };
    }

    /** Bytes in hexadecimal digits. */
    static String bytes(String digits, Database kind) {
        return switch (kind) {
            case H2 -> "X'" + digits + "'";
            case POSTGRESQL -> "'\\x" + digits + "'";
        };
    }

    private static synchronized DataSource copyOfH2() {
        try {
            if (script == null) {
                DataSource database = empty(Database.H2);
                opened(database).close();
                script = run("script", database);
            }
            DataSource copy = empty(Database.H2);
            run(script, copy);
            return copy;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the lines of the result, if there is one. */
    private static String run(String sql, DataSource database) throws SQLException {
        StringBuilder lines = new StringBuilder();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                ResultSet rows = statement.getResultSet();
                while (rows.next()) {
                    lines.append(rows.getString(1)).append('\n');
                }
            }
        }
        return lines.toString();
    }

    private static synchronized DataSource copy() {
        if (template == null) {
            PGSimpleDataSource database = postgres("");
            Store store = store(Map.of("tokentally.persistence.provider", USUAL_PROVIDER));
            store.open(database);
            new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce();
            store.close();
            template = database.getDatabaseName();
        }
        return postgres(" template " + template);
    }

    /**
     * A database with tables whose connections are kept, as a server's pool keeps them. For tests with many short queries: on
     * PostgreSQL each new connection begins a process, which then reads the tables' descriptions anew.
     */
    static DataSource pooled(Database kind) {
        return pooled(withTables(kind));
    }

    /** A pool before a database. The pool of a test that is over is closed some tests later. */
    static synchronized DataSource pooled(DataSource database) {
        if (!(database instanceof PGSimpleDataSource postgres)) {
            return database;
        }
        PGConnectionPoolDataSource connections = new PGConnectionPoolDataSource();
        connections.setServerNames(postgres.getServerNames());
        connections.setPortNumbers(postgres.getPortNumbers());
        connections.setDatabaseName(postgres.getDatabaseName());
        connections.setUser(postgres.getUser());
        JdbcConnectionPool pool = JdbcConnectionPool.create(connections);
        POOLS.add(pool);
        if (POOLS.size() > KEPT_POOLS) {
            POOLS.remove().dispose();
        }
        return pool;
    }

    /** A store without a server. It uses the transactions of its connections. */
    static Store store(Map<String, String> config) {
        return store(config, null);
    }

    static Store store(Map<String, String> config, StoreComponent component) {
        Map<String, String> all = new HashMap<>(config);
        all.putIfAbsent("tokentally.persistence.provider", provider);
        return new Store(
                new Settings(new MapConfig(all)),
                new LocalTransaction(),
                PersistenceUnitTransactionType.RESOURCE_LOCAL,
                component);
    }

    /** A store on the database, with all settings at their defaults. */
    static Store opened(DataSource database) {
        Store store = TestDatabases.store(Map.of());
        store.open(database);
        new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce();
        return store;
    }

    /** Runs statements, each by itself. */
    static void execute(DataSource database, String... statements) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The number in the first row and column of an answer. */
    static long count(DataSource database, String query) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    static DataSource h2(String url) {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL(url);
        return h2;
    }

    private static synchronized PGSimpleDataSource postgres(String options) {
        try {
            if (postgres == null) {
                postgres = EmbeddedPostgres.builder()
                        // Otherwise a process begins for each of some hundred databases in each minute.
                        .setServerConfig("autovacuum", "off")
                        .setServerConfig("full_page_writes", "off")
                        .setServerConfig("wal_level", "minimal")
                        .setServerConfig("max_wal_senders", "0")
                        .start();
            }
            String name = "t" + UUID.randomUUID().toString().replace("-", "");
            try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
                connection.createStatement().execute("create database " + name + options);
            }
            // Not setUrl: the URL would then list a hundred defaults, which each connection parses and Flyway searches.
            PGSimpleDataSource database = new PGSimpleDataSource();
            database.setServerNames(new String[] {"localhost"});
            database.setPortNumbers(new int[] {postgres.getPort()});
            database.setDatabaseName(name);
            database.setUser("postgres");
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
