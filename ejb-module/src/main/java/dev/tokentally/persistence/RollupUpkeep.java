package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import dev.tokentally.time.BackOff;
import dev.tokentally.usage.Rollups;
import dev.tokentally.usage.UsageStoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadFactory;

/** Keeps the rollups up to date on its own thread. Among the nodes of a store, one at a time does a step. */
final class RollupUpkeep implements Runnable {

    private static final Logger LOG = QuietLog.of(RollupUpkeep.class);

    /** A change of a closed interval makes reports slower until the interval is made again. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private static final BackOff PAUSES = new BackOff(PAUSE, Duration.ofMinutes(5));

    /** How often a long run tells how far it is. */
    private static final Duration PROGRESS = Duration.ofMinutes(1);

    private static final Duration WRITERS = Duration.ofMillis(50);

    /** A transaction that changes calls for so long is worth a line in the log. */
    private static final Duration LONG_TRANSACTION = Duration.ofMinutes(5);

    private final Store store;
    private final LongSteps.Watch watch;
    private final long cellBytes;
    private final OwnThread thread = new OwnThread("tokentally-rollups", "keep the rollups up to date");
    private final Obstacles obstacles = new Obstacles(LOG);
    private volatile RollupMaker maker;
    private volatile LongSteps steps;

    RollupUpkeep(Store store, LongSteps.Watch watch) {
        this(store, watch, RollupMaker.CELL_BYTES);
    }

    /**
     * For tests with small rollups.
     *
     * @param cellBytes the most memory of a rollup while it is made
     */
    RollupUpkeep(Store store, LongSteps.Watch watch, long cellBytes) {
        this.store = store;
        this.watch = watch;
        this.cellBytes = cellBytes;
    }

    void start(ThreadFactory threads) {
        thread.start(threads, this);
        store.ensureToo(thread);
    }

    /** A step that is under way is undone by the database when the application's connections end, and made again later. */
    void stop() {
        thread.stop(() -> {
            LongSteps running = steps;
            if (running != null) {
                running.cancel();
            }
            RollupMaker making = maker;
            if (making != null) {
                making.cancel();
            }
        });
    }

    @Override
    public void run() {
        int failures = 0;
        try {
            do {
                failures = upToDate() ? 0 : failures + 1;
            } while (!thread.stopsWithin(failures == 0 ? PAUSE : PAUSES.after(failures)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes all rollups that can be made now. Returns false if a try failed. */
    boolean upToDate() throws InterruptedException {
        boolean isDone = tryOnce();
        obstacles.endRound(isDone);
        return isDone;
    }

    private boolean tryOnce() throws InterruptedException {
        try {
            if (!store.with(this::marksAreMade)) {
                return true;
            }
            if (maker == null) {
                maker = new RollupMaker(store.dialect(), thread::isStopping, cellBytes, RollupMaker.IDS_CLEARED);
            }
            Optional<String> remedy = store.with(maker::marksAgain);
            if (remedy.isPresent()) {
                obstacles.tell(
                        Level.WARNING,
                        "Somebody has turned off the triggers that note which calls have changed. So reports read all calls of"
                                + " their window, and no call is dropped for its age. To turn them on again, after which all rollups"
                                + " are made again: " + remedy.get());
                return true;
            }
            store.with(connection -> {
                maker.close(connection);
                return null;
            });
            // Changed intervals need not wait for the transactions that write to closing intervals.
            makeAll();
            OptionalInt closing = store.with(maker::toWaitFor);
            if (closing.isPresent() && awaitWriters()) {
                maker.waited(closing.getAsInt());
                makeAll();
            }
            return true;
        } catch (SQLException | UsageStoreException | RuntimeException | Error e) {
            boolean isOfTheConnection = ConnectionFailures.isOne(e);
            if (isOfTheConnection) {
                // After a failover the store may be an older one, so this must not trust what it knows of it.
                maker = null;
            }
            if (!thread.isStopping()
                    && !isOfTheConnection
                    && !StoreFailures.isWait(e)
                    && !StoreFailures.isKeyConflict(e)) {
                obstacles.tell(
                        Level.WARNING,
                        "The rollups could not be made, and this is tried again; until then reports read more calls and take"
                                + " longer (docs/operations.md): ",
                        e);
            }
            return false;
        } finally {
            steps = null;
        }
    }

    private void makeAll() throws SQLException, UsageStoreException {
        long since = System.nanoTime();
        // Each step has a transaction and a connection of its own.
        while (!thread.isStopping() && store.with(maker::step)) {
            if (System.nanoTime() - since > PROGRESS.toNanos()) {
                since = System.nanoTime();
                tellProgress(store.with(connection ->
                        Snapshot.run(connection, store.dialect(), any -> RollupState.status(connection))));
            }
        }
    }

    boolean marksAreMade(Connection connection) throws SQLException {
        List<LongStep> left = LongSteps.left(store.dialect().marking(), connection);
        if (left.isEmpty()) {
            return true;
        }
        if (!store.migratesItself() || store.sharesSessions()) {
            obstacles.tell(
                    Level.WARNING,
                    "No rollups are made, so reports read more calls and take longer, until a DBA has run these files of the"
                            + " module's jar (docs/upgrades.md): " + LongStep.files(left));
            return false;
        }
        LongSteps next = new LongSteps(left, watch);
        steps = next;
        return next.run(connection);
    }

    /** Returns false if the application stops meanwhile. */
    private boolean awaitWriters() throws SQLException, UsageStoreException, InterruptedException {
        Set<String> before = store.with(maker::changing);
        long start = System.nanoTime();
        while (!before.isEmpty()) {
            if (thread.stopsWithin(WRITERS)) {
                return false;
            }
            before.retainAll(new HashSet<>(store.with(maker::changing)));
            if (System.nanoTime() - start > LONG_TRANSACTION.toNanos()) {
                obstacles.tell(
                        Level.WARNING,
                        "The rollups wait for a transaction that has been changing llm_calls for minutes; until it ends reports"
                                + " read more calls. Its virtual transaction in pg_locks: "
                                + String.join(", ", before));
            }
        }
        return true;
    }

    private static void tellProgress(Rollups rollups) {
        LOG.log(
                Level.INFO,
                "The rollups are being made, and reports read more calls meanwhile: "
                        + Duration.ofSeconds(rollups.behindSeconds()).toHours() + " hours of the past and "
                        + rollups.dirty() + " changed intervals are left");
    }
}
