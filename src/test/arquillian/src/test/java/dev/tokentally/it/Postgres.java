package dev.tokentally.it;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The PostgreSQL behind {@link DataSources#POSTGRES}. There is one for each test JVM, on the port that the build reserved,
 * and its data are in the server's directory, or in that of {@code tokentally.benchmark.data}. Only {@link #query} and
 * {@link #execute} are thread-safe.
 */
public final class Postgres {
    /** For a benchmark whose data are made once and used by several runs. The server's directory is emptied before each run. */
    static final Optional<Path> KEPT_DATA =
            Optional.ofNullable(System.getProperty("tokentally.benchmark.data")).map(Path::of);

    /** The node that makes rollups holds this lock. */
    static final long ROLLUPS_LOCK = 8390042714203385708L;

    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration STOP = Duration.ofSeconds(10);

    private static Postgres shared;

    private final int port;
    private final Path data;
    private final Path binaries;
    private EmbeddedPostgres running;
    private boolean frozen;

    Postgres(int port, Path data, Path binaries) {
        this.port = port;
        this.data = data;
        this.binaries = binaries;
    }

    /** Returns the PostgreSQL of this JVM, and starts it if it is not running. It stops when the JVM ends. */
    public static synchronized Postgres started() {
        if (shared == null) {
            shared = new Postgres(
                    Settings.port("postgres"),
                    KEPT_DATA.orElseGet(() -> TestServer.current().directory().resolve("postgres")),
                    Settings.serversDirectory().resolve("postgres"));
            Runtime.getRuntime().addShutdownHook(new Thread(shared::stop, "postgres stops"));
        }
        shared.start();
        return shared;
    }

    /** Starts it and waits until it answers. It uses the data that were there at the last stop or kill, if any. */
    public void start() {
        if (running != null) {
            return;
        }
        try {
            running = EmbeddedPostgres.builder()
                    .setPort(port)
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setOverrideWorkingDirectory(binaries.toFile())
                    .setRegisterShutdownHook(false)
                    .setPGStartupWait(START)
                    .setServerConfig("listen_addresses", "127.0.0.1")
                    // The library switches it off, and a kill then loses rows that were acknowledged.
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("unix_socket_directories", "''")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it in order, even if connections are open. Does nothing if it is down. */
    public void stop() {
        if (running == null) {
            return;
        }
        thaw();
        close();
    }

    /** Kills it and all its backends with SIGKILL, as a power cut would. They are frozen first, so that none is missed. */
    public void kill() {
        freeze();
        List<ProcessHandle> processes = processes();
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit()
                .orTimeout(STOP.toMillis(), TimeUnit.MILLISECONDS)
                .join());
        close();
    }

    /** Stops it and starts it again on the same data. */
    public void restart() {
        stop();
        start();
    }

    /** Stops all of its processes for a while: connections stay open and new ones are accepted, but nothing answers. */
    public void freeze() {
        frozen = true;
        // A postmaster that is stopped begins no backend, so the list of its backends is then complete.
        signal("-STOP", postmaster().stream());
        signal("-STOP", backends());
    }

    /** Lets the processes that {@link #freeze} has stopped go on. */
    public void thaw() {
        if (frozen) {
            frozen = false;
            // The postmaster comes last. Until then it removes no backend that has ended, and a signal to that one does
            // not fail.
            signal("-CONT", backends());
            signal("-CONT", postmaster().stream());
        }
    }

    public int port() {
        return port;
    }

    /** Its data directory. */
    Path data() {
        return data;
    }

    /** The URL of the only database, with user and password. */
    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    }

    /** Returns the rows of a query, each as a map from column label to value in the order of the columns. */
    public List<Map<String, Object>> query(String sql, Object... parameters) {
        try (Connection connection = DriverManager.getConnection(jdbcUrl());
                PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<Map<String, Object>> result = new ArrayList<>();
            ResultSetMetaData columns = rows.getMetaData();
            while (rows.next()) {
                Map<String, Object> row = new LinkedHashMap<>();
                for (int column = 1; column <= columns.getColumnCount(); column++) {
                    row.put(columns.getColumnLabel(column), rows.getObject(column));
                }
                result.add(Collections.unmodifiableMap(row));
            }
            return List.copyOf(result);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /**
     * Waits until there are at least so many rows, and returns what there is after a while. Records from the spool are
     * stored a little later.
     */
    public List<Map<String, Object>> await(int rows, String sql, Object... parameters) {
        return Await.until(found -> found.size() >= rows, () -> query(sql, parameters));
    }

    /**
     * Waits until each of these calls has a row, and returns the ids of those that have none after a while. There may be rows
     * of other calls, too. The query's rows have a {@code call_id}.
     */
    Set<Object> awaitCalls(Collection<?> callIds, String sql, Object... parameters) {
        return Await.until(Set::isEmpty, () -> {
            Set<Object> missing = new HashSet<>(callIds);
            query(sql, parameters).forEach(row -> missing.remove(row.get("call_id")));
            return missing;
        });
    }

    /**
     * Drops a trigger of the calls while calls are recorded. Without the lock, a drop takes the partitions before the table, and a
     * writer the table before its partition.
     */
    void dropTrigger(String name) {
        execute("do $$ begin lock table llm_calls in access exclusive mode; drop trigger if exists " + name
                + " on llm_calls; end $$");
    }

    /** Executes any other statement, and returns how many rows it changed. */
    public int execute(String sql, Object... parameters) {
        try (Connection connection = DriverManager.getConnection(jdbcUrl());
                PreparedStatement statement = prepare(connection, sql, parameters)) {
            statement.execute();
            return Math.max(statement.getUpdateCount(), 0);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    /** This is needed after a kill too: only closing releases the library's lock on the data. */
    private void close() {
        try {
            running.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            running = null;
            frozen = false;
        }
    }

    private static void signal(String signal, Stream<ProcessHandle> processes) {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        if (command.size() == 2) {
            return;
        }
        try {
            int failed = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (failed != 0) {
                throw new IllegalStateException(String.join(" ", command) + " ended with " + failed);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private List<ProcessHandle> processes() {
        return Stream.concat(postmaster().stream(), backends()).toList();
    }

    private Stream<ProcessHandle> backends() {
        return postmaster().stream().flatMap(ProcessHandle::descendants);
    }

    private Optional<ProcessHandle> postmaster() {
        // pg_ctl starts it and ends, so it is not a child of this process.
        try (Stream<String> lines = Files.lines(data.resolve("postmaster.pid"))) {
            return lines.findFirst().map(String::strip).map(Long::valueOf).flatMap(ProcessHandle::of);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
