package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The long steps of an upgrade, one node at a time, while records are written. Each step finds out whether it is done, so that an
 * interrupted step goes on at the next try or on another node. Used by one thread; {@link #cancel} may be called by any.
 */
final class LongSteps {

    private static final Logger LOG = QuietLog.of(LongSteps.class);

    private final List<LongStep> steps;
    private final Watch watch;
    private volatile boolean cancelled;
    private final RunningStatement running = new RunningStatement();

    LongSteps(List<LongStep> steps, Watch watch) {
        this.steps = steps;
        this.watch = watch;
    }

    /** All steps of the database that are still to be done. */
    static List<LongStep> left(Dialect dialect, boolean partitions, Connection connection) throws SQLException {
        List<LongStep> all = new ArrayList<>(dialect.longSteps());
        if (partitions) {
            all.addAll(dialect.partitioning());
        }
        return left(all, connection);
    }

    /** The steps that are still to be done. */
    static List<LongStep> left(List<LongStep> steps, Connection connection) throws SQLException {
        List<LongStep> left = new ArrayList<>();
        try (ReadTransaction transaction = new ReadTransaction(connection)) {
            for (LongStep step : steps) {
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery(step.isDone())) {
                    if (!row.next() || !row.getBoolean(1)) {
                        left.add(step);
                    }
                }
            }
            return left;
        }
    }

    /**
     * Runs the steps that are not done.
     *
     * @return whether all is done; false if another node is working on it
     * @throws SQLException when a step failed, or was cancelled
     */
    boolean run(Connection connection) throws SQLException {
        if (left(steps, connection).isEmpty()) {
            return true;
        }
        try (UntimedSession session = UntimedSession.of(connection)) {
            if (!session.takes(AdvisoryLocks.LONG_STEPS)) {
                return false;
            }
            for (LongStep step : steps) {
                if (!session.isTrue(step.isDone())) {
                    run(step, session);
                }
            }
        }
        return true;
    }

    /** Lets no other statement begin, and ends one that has run for a moment. Call it again until the thread has ended. */
    void cancel() {
        cancelled = true;
        running.cancel();
    }

    private void run(LongStep step, UntimedSession session) throws SQLException {
        LOG.log(
                Level.INFO,
                "The upgrade of the tables continues while calls are recorded: " + step.file()
                        + " of the module's jar");
        long start = System.nanoTime();
        try (Watch.Look look = watch.over(Integer.parseInt(session.text("select pg_backend_pid()")), step)) {
            for (String statement : step.statements()) {
                execute(statement, session);
            }
        }
        LOG.log(
                Level.INFO,
                "Done after " + Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s: " + step.file());
    }

    private void execute(String sql, UntimedSession session) throws SQLException {
        try (Statement statement = session.statement()) {
            running.begins(statement);
            if (cancelled) {
                throw new SQLException("the application stops", "57014");
            }
            statement.execute(sql);
        } finally {
            running.ended();
        }
    }

    /** Watches a step while it runs. */
    interface Watch {

        /** Nobody watches. */
        Watch NONE = (session, step) -> () -> {};

        /** Begins to watch the session; closing the result ends that. */
        Look over(int session, LongStep step);

        /** Watches until it is closed. */
        interface Look extends AutoCloseable {
            @Override
            void close();
        }
    }
}
