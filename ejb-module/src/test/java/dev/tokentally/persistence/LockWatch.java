package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/** Looks again and again at who holds or waits for an ACCESS EXCLUSIVE lock on the table of calls or its default partition. */
final class LockWatch implements Runnable {

    private static final String LOCKS = """
            select virtualtransaction from pg_locks
             where locktype = 'relation' and mode = 'AccessExclusiveLock'
               and relation in (to_regclass('llm_calls'), to_regclass('llm_calls_default'))
               and database = (select oid from pg_database where datname = current_database())""";

    private final DataSource database;
    private final AtomicBoolean ends;
    private final Map<String, Long> since = new HashMap<>();
    private volatile long longestNanos;
    private long samples;

    LockWatch(DataSource database, AtomicBoolean ends) {
        this.database = database;
        this.ends = ends;
    }

    @Override
    public void run() {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            while (!ends.get()) {
                look(statement);
                Pause.sleep(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void look(Statement statement) throws SQLException {
        samples++;
        Set<String> seen = new HashSet<>();
        long now = System.nanoTime();
        try (ResultSet rows = statement.executeQuery(LOCKS)) {
            while (rows.next()) {
                String transaction = rows.getString(1);
                seen.add(transaction);
                long begun = since.computeIfAbsent(transaction, first -> now);
                longestNanos = Math.max(longestNanos, now - begun);
            }
        }
        since.keySet().retainAll(seen);
    }

    long samples() {
        return samples;
    }

    long longestMillis() {
        return longestNanos / 1_000_000;
    }
}
