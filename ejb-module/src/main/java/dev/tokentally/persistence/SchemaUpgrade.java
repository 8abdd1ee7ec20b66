package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import dev.tokentally.text.QuietLog;
import dev.tokentally.time.BackOff;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/**
 * Runs the long steps on its own thread, and tries again with growing pauses until they are done. Then it partitions the table, and
 * makes its months again and again.
 */
final class SchemaUpgrade implements Runnable {

    private static final Logger LOG = QuietLog.of(SchemaUpgrade.class);

    private static final BackOff PAUSES = new BackOff(Duration.ofSeconds(5), Duration.ofMinutes(5));
    /** The months are made far ahead, so this pause may be long. The check takes a moment. */
    private static final Duration UPKEEP = Duration.ofMinutes(10);

    /** Each try gives up soon if a report has the table. */
    private static final int TRIES_TO_GO_BACK = 5;

    private final Store store;
    private final LongSteps.Watch watch;
    private final OwnThread thread =
            new OwnThread("tokentally-schema", "take the long steps of the upgrade of the tables");
    private final Obstacles obstacles = new Obstacles(LOG);
    private volatile LongSteps steps;
    /** The steps that take back what has begun. They are cancelled only if the stop lasts too long. */
    private volatile LongSteps back;
    /** Whether the conversion to a partitioned table may have begun and not ended. Used only by the thread. */
    private boolean isUnderWay;

    SchemaUpgrade(Store store, LongSteps.Watch watch) {
        this.store = store;
        this.watch = watch;
    }

    void start(ThreadFactory threads) {
        thread.start(threads, this::keepUp);
        store.ensureToo(thread);
    }

    /** Cancels a running step; the next start, or another node, does it again. */
    void stop() {
        boolean hasEnded = thread.stop(() -> {
            LongSteps running = steps;
            if (running != null) {
                running.cancel();
            }
        });
        LongSteps late = back;
        if (!hasEnded && late != null) {
            late.cancel();
        }
    }

    /** Where no table has partitions, as on H2, the thread ends after the long steps. */
    private void keepUp() {
        try {
            do {
                run();
            } while (!thread.isStopping()
                    && store.partitions()
                    && !store.dialect().partitioning().isEmpty()
                    && !thread.stopsWithin(UPKEEP));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (isUnderWay && thread.isStopping()) {
            goBack();
        }
    }

    /**
     * The next start may be that of an earlier release, which would set calls beyond the bound aside as refused. Another node may
     * go on with the steps.
     */
    private void goBack() {
        LongSteps undo = new LongSteps(store.dialect().backToOneTable(), LongSteps.Watch.NONE);
        back = undo;
        for (int tries = 1; ; tries++) {
            try {
                store.with(undo::run);
                return;
            } catch (Exception | Error e) {
                if (tries == TRIES_TO_GO_BACK) {
                    LOG.log(
                            Level.INFO,
                            "The partitioning of llm_calls is not done, and what is done could not be taken back. Before you"
                                    + " start an earlier release, see docs/upgrades.md: " + e);
                    return;
                }
            }
        }
    }

    /** Runs until nothing is left to do at present. */
    @Override
    public void run() {
        int tries = 1;
        try {
            while (!tryOnce() && !thread.stopsWithin(PAUSES.after(tries))) {
                tries++;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether nothing is left to do. */
    boolean tryOnce() {
        boolean isDone = tryAll();
        obstacles.endRound(isDone);
        return isDone;
    }

    private boolean tryAll() {
        try {
            return store.with(connection -> {
                if (store.sharesSessions()) {
                    return leaveToADba(LongSteps.left(store.dialect(), store.partitions(), connection));
                }
                return run(store.dialect().longSteps(), connection) && partition(connection);
            });
        } catch (Exception | Error e) {
            if (!thread.isStopping() && !ConnectionFailures.isOne(e)) {
                obstacles.tell(
                        Level.WARNING,
                        "A long step of the upgrade of the tables failed and is tried again until it is done, by this node or by"
                                + " a DBA (docs/upgrades.md); recording goes on meanwhile: ",
                        e);
            }
            return false;
        } finally {
            steps = null;
        }
    }

    private boolean run(List<LongStep> parts, Connection connection) throws SQLException {
        LongSteps next = new LongSteps(parts, watch);
        steps = next;
        return thread.isStopping() || next.run(connection);
    }

    /** If something other than a lock or an outage stands in the way, the table stays as it is until the next start. */
    private boolean partition(Connection connection) throws SQLException {
        Dialect dialect = store.dialect();
        if (store.partitions()) {
            try {
                isUnderWay = true;
                boolean isDone = run(dialect.partitioning(), connection);
                isUnderWay = !isDone || thread.isStopping();
                tellWhoseTablesAreThere(PartitionState.of(dialect, connection));
                return isDone;
            } catch (SQLException e) {
                boolean isPartitioned = LongSteps.left(dialect.partitioning().subList(0, 1), connection)
                        .isEmpty();
                if (isPartitioned
                        || StoreFailures.isWait(e)
                        || StoreFailures.isNoTable(e)
                        || ConnectionFailures.isOne(e)) {
                    throw e;
                }
                store.stayOneTable();
                obstacles.tell(
                        Level.WARNING,
                        "llm_calls stays one table until the next start, and recording goes on (docs/upgrades.md, "
                                + Setting.PARTITIONS.key() + "): ",
                        e);
            }
        }
        return run(dialect.backToOneTable(), connection);
    }

    private void tellWhoseTablesAreThere(PartitionState state) {
        if (state.isByADba()) {
            obstacles.tell(
                    Level.INFO,
                    "A DBA has partitioned llm_calls, so the module leaves it alone: the DBA also makes the partitions of"
                            + " the coming months (docs/upgrades.md)");
        } else if (state.inTheWay() != null) {
            obstacles.tell(
                    Level.WARNING,
                    "Calls of a month go to llm_calls_default, since another table has the name of the month's partition;"
                            + " rename that table: " + state.inTheWay());
        }
    }

    /** The steps need a lock and timeouts for the whole session. With a pooler these would stay in the sessions of others. */
    private boolean leaveToADba(List<LongStep> left) {
        if (!left.isEmpty()) {
            obstacles.tell(
                    Level.WARNING,
                    "The long steps of the upgrade of the tables need a session of their own, which the pooler in front of"
                            + " PostgreSQL does not give. Have a DBA run these files of the module's jar on PostgreSQL itself"
                            + " (docs/upgrades.md); recording goes on meanwhile: " + LongStep.files(left));
        }
        return left.isEmpty();
    }
}
