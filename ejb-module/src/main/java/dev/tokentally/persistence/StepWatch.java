package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.UsageStoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Logs how far a long step is, and for which sessions it waits, whenever that changes. It has its own thread and connection, since
 * those of the step wait for the database.
 */
final class StepWatch implements LongSteps.Watch {

    private static final Logger LOG = QuietLog.of(StepWatch.class);

    private static final int LOOK_SECONDS = 2;
    private static final int END_SECONDS = 2;

    /** While an index is made, it waits for transactions that are older than the index. */
    private static final String LOOK = """
            select coalesce(progress.phase, ''), other.pid, other.application_name, other.xact_start
              from pg_stat_activity step
              left join pg_stat_progress_create_index progress on progress.pid = step.pid
              left join pg_stat_activity other
                on other.pid = any (pg_blocking_pids(step.pid) || cast(progress.current_locker_pid as integer))
             where step.pid = ?
             order by other.pid""";

    private final Store store;
    private final ThreadFactory threads;

    StepWatch(Store store, ThreadFactory threads) {
        this.store = store;
        this.threads = threads;
    }

    @Override
    public LongSteps.Watch.Look over(int session, LongStep step) {
        Looking looking = new Looking(session, step);
        try {
            Thread thread = threads.newThread(looking);
            thread.setName("tokentally-schema-watch");
            thread.start();
            return () -> looking.end(thread);
        } catch (RuntimeException | OutOfMemoryError noThread) {
            LOG.log(Level.DEBUG, "The progress of a long step of the upgrade cannot be watched", noThread);
            return () -> {};
        }
    }

    private final class Looking implements Runnable {

        private final int session;
        private final LongStep step;
        private final CountDownLatch ended = new CountDownLatch(1);
        private String told = "";

        Looking(int session, LongStep step) {
            this.session = session;
            this.step = step;
        }

        @Override
        public void run() {
            try {
                while (!ended.await(LOOK_SECONDS, TimeUnit.SECONDS)) {
                    tell();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void tell() {
            try {
                String now = store.with(this::look);
                if (!now.isEmpty() && !now.equals(told)) {
                    told = now;
                    LOG.log(Level.INFO, "The upgrade of the tables, " + step.file() + ": " + now);
                }
            } catch (SQLException | UsageStoreException | RuntimeException | Error e) {
                LOG.log(Level.DEBUG, "The progress of a long step of the upgrade could not be read", e);
            }
        }

        private String look(Connection connection) throws SQLException {
            StringBuilder text = new StringBuilder();
            try (ReadTransaction transaction = new ReadTransaction(connection);
                    PreparedStatement look = connection.prepareStatement(LOOK)) {
                look.setInt(1, session);
                try (ResultSet rows = look.executeQuery()) {
                    while (rows.next()) {
                        if (text.isEmpty()) {
                            text.append(rows.getString(1));
                        }
                        if (rows.getString(2) != null) {
                            text.append("; it waits for session ")
                                    .append(rows.getInt(2))
                                    .append(" (application_name ")
                                    .append(rows.getString(3))
                                    .append(", in a transaction since ")
                                    .append(
                                            rows.getString(4) == null
                                                    ? "a time that this role may not see"
                                                    : rows.getString(4))
                                    .append("), which a DBA may end by pg_terminate_backend(")
                                    .append(rows.getInt(2))
                                    .append(")");
                        }
                    }
                }
            }
            return text.toString();
        }

        private void end(Thread thread) {
            ended.countDown();
            try {
                thread.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
