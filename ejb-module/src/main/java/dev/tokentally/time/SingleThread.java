package dev.tokentally.time;

import dev.tokentally.text.FailureText;
import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread of the module, which runs at most once at a time. If none could be made, or the last one ended with an Error, the next
 * {@link #ensure} makes one, at most once a second. Safe for use by many threads.
 */
public final class SingleThread {

    private static final Logger LOG = QuietLog.of(SingleThread.class);

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ThreadFactory factory;
    private final Ticker ticker;
    private final Purpose purpose;
    private final Runnable work;
    private volatile boolean running;
    private volatile long failedAt;
    private Thread thread;
    private boolean stopped;
    private boolean missing;

    /**
     * Prepares the thread; {@link #ensure} makes it.
     *
     * @param factory makes the thread; not null
     * @param ticker the clock; not null
     * @param purpose what the thread is for; not null
     * @param work what the thread does; not null. If it returns or throws, the thread ends
     */
    public SingleThread(ThreadFactory factory, Ticker ticker, Purpose purpose, Runnable work) {
        this.factory = factory;
        this.ticker = ticker;
        this.purpose = purpose;
        this.work = work;
        this.failedAt = ticker.nanoTime() - PAUSE_NANOS;
    }

    /** Starts the thread if it does not run and one can be made. If it runs already, this costs next to nothing. Never throws. */
    public void ensure() {
        if (!running) {
            begin();
        }
    }

    private synchronized void begin() {
        if (running || stopped || ticker.nanoTime() - failedAt < PAUSE_NANOS) {
            return;
        }
        try {
            Thread made = factory.newThread(this::run);
            made.setName(purpose.name());
            running = true;
            made.start();
            thread = made;
        } catch (RuntimeException | Error noThread) {
            running = false;
            failedAt = ticker.nanoTime();
            tell(noThread);
            return;
        }
        if (missing) {
            missing = false;
            LOG.log(Level.INFO, "There is a thread again to " + purpose.what());
        }
    }

    private void tell(Throwable noThread) {
        if (!missing) {
            missing = true;
            LOG.log(
                    Level.ERROR,
                    "No thread can be made to " + purpose.what() + ": " + OneLine.of(FailureText.of(noThread)) + ". "
                            + purpose.meanwhile());
        }
    }

    private void run() {
        boolean well = false;
        try {
            work.run();
            well = true;
        } finally {
            if (!well) {
                failedAt = ticker.nanoTime();
            }
            running = false;
        }
    }

    /**
     * Wakes the thread, waits until it has ended, and lets no other begin. Asking the work to end is done elsewhere.
     *
     * @param atMost how long to wait; at least a millisecond
     * @return whether it has ended
     * @throws InterruptedException when the calling thread is interrupted
     */
    public boolean stop(Duration atMost) throws InterruptedException {
        Thread last;
        synchronized (this) {
            stopped = true;
            last = thread;
        }
        if (last == null) {
            return true;
        }
        LockSupport.unpark(last);
        last.join(atMost.toMillis());
        return !last.isAlive();
    }

    /**
     * What the thread is for.
     *
     * @param name of the thread
     * @param what it does, for the log, after "to"
     * @param meanwhile what happens while no thread can be made, as a sentence for the log
     */
    public record Purpose(String name, String what, String meanwhile) {}
}
