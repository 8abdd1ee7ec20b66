package dev.tokentally.persistence;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The long steps of an upgrade, one node at a time, while records are written. Each finds out whether it is done, so that what
 * was cut short goes on at the next try or on another node. Used by one thread; {@link #cancel} may be called by any.
 */
final class LongSteps {

    private static final Logger LOG = System.getLogger(LongSteps.class.getName());

    /** "tokenlng" in ASCII. Of the session: in a transaction it would hold up what waits for old transactions to end. */
    private static final long KEY = 0x746f_6b65_6e6c_6e67L;

    /** Whatever the role or the pool sets would cut a step short, at each try anew. */
    private static final List<String> TIMEOUTS =
            List.of("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout");

    private final List<LongStep> steps;
    private volatile boolean cancelled;
    private volatile Statement running;

    LongSteps(List<LongStep> steps) {
        this.steps = steps;
    }

    /**
     * Does what is left to do.
     *
     * @return whether all is done; false when another node is at it
     * @throws SQLException when a step failed, or was cancelled
     */
    boolean run(Connection connection) throws SQLException {
        if (areDone(connection)) {
            return true;
        }
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(true);
        int networkTimeout = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, 0);
        Map<String, String> timeouts = withoutTimeouts(connection);
        try {
            if (!isTrue("select pg_try_advisory_lock(" + KEY + ")", connection)) {
                return false;
            }
            try {
                runAll(connection);
            } finally {
                isTrue("select pg_advisory_unlock(" + KEY + ")", connection);
            }
        } finally {
            // As the pool gave it, since whoever gets it next counts on them.
            for (Map.Entry<String, String> timeout : timeouts.entrySet()) {
                isThere(
                        "select set_config('" + timeout.getKey() + "', '" + timeout.getValue() + "', false)",
                        connection);
            }
            connection.setNetworkTimeout(Runnable::run, networkTimeout);
            connection.setAutoCommit(autoCommit);
        }
        return true;
    }

    /** Ends a step that is running, and begins none. */
    void cancel() {
        cancelled = true;
        Statement statement = running;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException tooLate) {
                LOG.log(Level.DEBUG, "A step of the schema could not be cancelled", tooLate);
            }
        }
    }

    private boolean areDone(Connection connection) throws SQLException {
        try {
            for (LongStep step : steps) {
                if (!isTrue(step.isDone(), connection)) {
                    return false;
                }
            }
            return true;
        } finally {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
        }
    }

    private static Map<String, String> withoutTimeouts(Connection connection) throws SQLException {
        Map<String, String> before = new LinkedHashMap<>();
        for (String timeout : TIMEOUTS) {
            before.put(timeout, text("select current_setting('" + timeout + "')", connection));
            isThere("select set_config('" + timeout + "', '0', false)", connection);
        }
        return before;
    }

    private void runAll(Connection connection) throws SQLException {
        for (LongStep step : steps) {
            if (isTrue(step.isDone(), connection)) {
                continue;
            }
            LOG.log(
                    Level.INFO,
                    "The upgrade of the tables goes on beside recording: " + step.name()
                            + ". It waits for transactions that are older; pg_stat_activity and pg_stat_progress_create_index"
                            + " show them and how far it is");
            long start = System.nanoTime();
            for (String statement : step.statements()) {
                execute(statement, connection);
            }
            LOG.log(
                    Level.INFO,
                    "Done after " + Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s: " + step.name());
        }
    }

    private void execute(String sql, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            running = statement;
            if (cancelled) {
                throw new SQLException("the application stops", "57014");
            }
            statement.execute(sql);
        } finally {
            running = null;
        }
    }

    private static boolean isTrue(String query, Connection connection) throws SQLException {
        return "t".equals(text(query, connection));
    }

    private static boolean isThere(String query, Connection connection) throws SQLException {
        return text(query, connection) != null;
    }

    private static String text(String query, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
