package dev.tokentally.recording;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The thread of the drainer. If it could not be made, or ended with an Error, the next record asks for a new one, at most once a
 * second. Meanwhile the records wait in the spool. Safe for use by many threads.
 */
final class DrainerThread {

    private static final Logger LOG = System.getLogger(DrainerThread.class.getName());

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ThreadFactory factory;
    private final Runnable drainer;
    private volatile boolean running;
    private Thread thread;
    private boolean stopped;
    private boolean failed;
    private long triedAt;

    DrainerThread(ThreadFactory factory, Runnable drainer) {
        this.factory = factory;
        this.drainer = drainer;
        this.triedAt = System.nanoTime() - PAUSE_NANOS;
    }

    /** Starts the thread if it does not run and one can be made. If it runs already, this costs next to nothing. */
    void ensure() {
        if (!running) {
            begin();
        }
    }

    private synchronized void begin() {
        long now = System.nanoTime();
        if (running || stopped || now - triedAt < PAUSE_NANOS) {
            return;
        }
        triedAt = now;
        try {
            Thread made = factory.newThread(this::run);
            made.setName("tokentally-drainer");
            running = true;
            made.start();
            thread = made;
        } catch (RuntimeException | Error noThread) {
            running = false;
            tell(noThread);
            return;
        }
        if (failed) {
            failed = false;
            LOG.log(Level.INFO, "Records go from the spool to the store again, as there is a thread for it");
        }
    }

    private void tell(Throwable noThread) {
        if (!failed) {
            failed = true;
            LOG.log(
                    Level.ERROR,
                    "No thread can be made to bring records from the spool to the store: " + LogText.of(noThread)
                            + ". They wait in the spool; it is tried again when a record comes");
        }
    }

    private void run() {
        try {
            drainer.run();
        } finally {
            running = false;
        }
    }

    /** Waits until the thread has ended, and lets no other begin. Asking the drainer to end is done elsewhere. */
    void stop(Duration atMost) throws InterruptedException {
        Thread last;
        synchronized (this) {
            stopped = true;
            last = thread;
        }
        if (last != null) {
            last.join(atMost.toMillis());
        }
    }
}
