package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.UsageStoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A transaction in which all statements see the same data. Afterwards the connection is as the pool gave it. */
final class Snapshot {

    private static final Logger LOG = QuietLog.of(Snapshot.class);

    /** A pool may give an answer less time. A step of the rollups may take longer, and nobody waits for it. */
    private static final int ANSWER_MILLIS = Math.toIntExact(TimeUnit.MINUTES.toMillis(10));

    private Snapshot() {}

    /** Does work and commits. If the work fails, all of it is undone. */
    static <T> T run(Connection connection, Dialect dialect, Store.Work<T> work)
            throws SQLException, UsageStoreException {
        // The isolation can be set only for a transaction that has read nothing yet.
        ReadTransaction.end(connection);
        if (dialect.sessionSnapshot() == 0) {
            return inTransaction(connection, dialect, work);
        }
        int before = connection.getTransactionIsolation();
        connection.setTransactionIsolation(dialect.sessionSnapshot());
        try (Reset isolation = () -> connection.setTransactionIsolation(before)) {
            return inTransaction(connection, dialect, work);
        }
    }

    private static <T> T inTransaction(Connection connection, Dialect dialect, Store.Work<T> work)
            throws SQLException, UsageStoreException {
        Result<T> result = new Result<>();
        OneTransaction.run(connection, () -> {
            begin(connection, dialect.snapshot());
            result.value = work.on(connection);
            connection.commit();
        });
        return result.value;
    }

    /** The same with plenty of time for each answer. */
    static <T> T untimed(Connection connection, Dialect dialect, Store.Work<T> work)
            throws SQLException, UsageStoreException {
        return patiently(connection, any -> run(any, dialect, work));
    }

    /** Does work, in transactions of its own, with plenty of time for each answer. */
    static <T> T patiently(Connection connection, Store.Work<T> work) throws SQLException, UsageStoreException {
        return patiently(connection, ANSWER_MILLIS, work);
    }

    /** Does work, in transactions of its own. The connection waits for each answer so long, or longer if the pool says so. */
    static <T> T patiently(Connection connection, int millis, Store.Work<T> work)
            throws SQLException, UsageStoreException {
        int before = connection.getNetworkTimeout();
        if (before > 0) {
            connection.setNetworkTimeout(Runnable::run, Math.max(before, millis));
        }
        try {
            return work.on(connection);
        } finally {
            if (before > 0) {
                reset(connection, before);
            }
        }
    }

    /** The connection serves recording afterwards, also if the work failed. A broken connection has no timeout. */
    private static void reset(Connection connection, int timeout) {
        try {
            connection.setNetworkTimeout(Runnable::run, timeout);
        } catch (SQLException broken) {
            LOG.log(Level.DEBUG, "The timeout of a connection could not be reset", broken);
        }
    }

    private static void begin(Connection connection, Optional<String> setting) throws SQLException {
        if (setting.isPresent()) {
            try (PreparedStatement statement = connection.prepareStatement(setting.get())) {
                statement.execute();
            }
        }
    }

    private static final class Result<T> {
        private T value;
    }
}
