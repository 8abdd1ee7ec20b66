package dev.tokentally.persistence;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Has the long steps done on a thread of its own, and tries again with growing pauses until they are. */
final class SchemaUpgrade implements Runnable {

    private static final Logger LOG = System.getLogger(SchemaUpgrade.class.getName());

    private static final long SHORTEST_PAUSE_SECONDS = 5;
    private static final long LONGEST_PAUSE_SECONDS = 300;
    private static final long STOP_SECONDS = 5;

    private final Store store;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile LongSteps steps;
    private Thread thread;

    SchemaUpgrade(Store store) {
        this.store = store;
    }

    void start(Thread running) {
        thread = running;
        thread.setName("tokentally-schema");
        thread.start();
    }

    /** A step that is running is cancelled; the next start, or another node, does it again. */
    void stop() {
        stopping.countDown();
        LongSteps running = steps;
        if (running != null) {
            running.cancel();
        }
        try {
            if (thread != null) {
                thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        long pause = SHORTEST_PAUSE_SECONDS;
        try {
            while (!tryOnce() && !stopping.await(pause, TimeUnit.SECONDS)) {
                pause = Math.min(2 * pause, LONGEST_PAUSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Answers whether nothing is left to do. */
    boolean tryOnce() {
        try {
            return store.with(connection -> {
                LongSteps next = new LongSteps(store.dialect().longSteps());
                steps = next;
                if (stopping.getCount() == 0) {
                    return true;
                }
                return next.run(connection);
            });
        } catch (Exception e) {
            if (stopping.getCount() > 0 && !ConnectionFailures.isOne(e)) {
                LOG.log(
                        Level.WARNING,
                        "A long step of the upgrade of the tables failed and is tried again; recording goes on. If this is said"
                                + " again, have a DBA run dev/tokentally/schema-postgresql-long of the module's jar: "
                                + e.getMessage());
            }
            return false;
        } finally {
            steps = null;
        }
    }
}
