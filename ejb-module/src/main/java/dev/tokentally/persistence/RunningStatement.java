package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/** The statement that one thread runs, so that other threads can end it. */
final class RunningStatement {

    private static final Logger LOG = QuietLog.of(RunningStatement.class);

    /**
     * PostgreSQL's driver sends one cancel for each run of a statement. If that comes before the statement has reached the database,
     * it ends nothing, and no later one is sent. So a statement is given this time to arrive.
     */
    private static final long ARRIVES_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private volatile Run run;

    /** To be called just before the statement runs. */
    void begins(Statement statement) {
        run = new Run(statement, System.nanoTime());
    }

    void ended() {
        run = null;
    }

    /** Ends the statement if it has run for a moment. Call it again and again until the thread has ended. */
    void cancel() {
        Run now = run;
        if (now != null && System.nanoTime() - now.since > ARRIVES_NANOS) {
            try {
                now.statement.cancel();
            } catch (SQLException tooLate) {
                LOG.log(Level.DEBUG, "A statement could not be cancelled", tooLate);
            }
        }
    }

    private record Run(Statement statement, long since) {}
}
