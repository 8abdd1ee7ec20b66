package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A connection to PostgreSQL whose statements may take any time, each in its own transaction. After it is closed, the connection is
 * as the pool gave it, since the next user relies on that. A connection that cannot be reset is cut.
 */
final class UntimedSession implements AutoCloseable {

    /** If the role or the database sets one of these, it would cut the step short at each try. */
    private static final List<String> TIMEOUTS =
            List.of("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout");

    /** The timeout is not 0, since WildFly would then use the pool's timeout. */
    private static final int NO_QUERY_TIMEOUT_SECONDS = Math.toIntExact(TimeUnit.DAYS.toSeconds(365));

    private final Connection connection;
    private final Deque<Undo> undos = new ArrayDeque<>();

    private UntimedSession(Connection connection) {
        this.connection = connection;
    }

    /** Makes such a session from a connection. If that fails, the connection stays as it is. */
    static UntimedSession of(Connection connection) throws SQLException {
        UntimedSession session = new UntimedSession(connection);
        try {
            session.turnOff();
            return session;
        } catch (SQLException | RuntimeException e) {
            try (session) {
                throw e;
            }
        }
    }

    private void turnOff() throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(true);
        undos.push(() -> connection.setAutoCommit(autoCommit));
        int networkTimeout = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, 0);
        undos.push(() -> connection.setNetworkTimeout(Runnable::run, networkTimeout));
        for (String timeout : TIMEOUTS) {
            set(timeout, "0");
        }
        // A statement sees what others commit while it waits for a lock.
        set("default_transaction_isolation", "read committed");
    }

    private void set(String setting, String value) throws SQLException {
        // There is no row if this version of PostgreSQL does not know the setting.
        String before = text("select current_setting('" + setting + "', true)");
        if (before != null) {
            undos.push(() -> text("select set_config('" + setting + "', '" + before + "', false)"));
            text("select set_config('" + setting + "', '" + value + "', false)");
        }
    }

    /** Takes an advisory lock for the session until this is closed. Returns false if another session has it. */
    boolean takes(long key) throws SQLException {
        boolean taken = isTrue("select pg_try_advisory_lock(" + key + ")");
        if (taken) {
            undos.push(() -> text("select pg_advisory_unlock(" + key + ")"));
        }
        return taken;
    }

    /** Runs a statement that no timeout of the pool ends. */
    Statement statement() throws SQLException {
        Statement statement = connection.createStatement();
        try {
            statement.setQueryTimeout(NO_QUERY_TIMEOUT_SECONDS);
            return statement;
        } catch (SQLException | RuntimeException e) {
            try (statement) {
                throw e;
            }
        }
    }

    boolean isTrue(String query) throws SQLException {
        return "t".equals(text(query));
    }

    /** The first column of the first row; null if there is no row or the value is null. */
    String text(String query) throws SQLException {
        try (Statement statement = statement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : null;
        }
    }

    @Override
    public void close() throws SQLException {
        try {
            while (!undos.isEmpty()) {
                undos.pop().undo();
            }
        } catch (SQLException | RuntimeException e) {
            // The session's lock is released with it, too.
            connection.abort(Runnable::run);
            throw e;
        }
    }

    private interface Undo {
        void undo() throws SQLException;
    }
}
