package dev.tokentally.persistence;

import dev.tokentally.time.SingleThread;
import dev.tokentally.time.Ticker;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * A thread for work that goes on until it is done or the application stops. If no thread can be made, or an Error has ended it, the
 * next {@link #ensure} makes one.
 */
final class OwnThread {

    private static final long STOP_SECONDS = 5;
    private static final Duration A_MOMENT = Duration.ofMillis(1);
    private static final Duration CANCEL = Duration.ofMillis(100);

    private final SingleThread.Purpose purpose;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile SingleThread thread;
    private volatile boolean done;

    /**
     * Prepares the thread.
     *
     * @param name of the thread
     * @param what it does, for the log, after "to"
     */
    OwnThread(String name, String what) {
        this.purpose = new SingleThread.Purpose(
                name, what, "Recording goes on, and the module tries it again every few seconds");
    }

    void start(ThreadFactory threads, Runnable work) {
        start(threads, Ticker.SYSTEM, work);
    }

    void start(ThreadFactory threads, Ticker ticker, Runnable work) {
        thread = new SingleThread(threads, ticker, purpose, () -> {
            work.run();
            // An interrupt is meant for something else, so the work is not done.
            done = !Thread.currentThread().isInterrupted();
        });
        ensure();
    }

    /** Makes the thread if there is none and the work is not done. Otherwise this costs next to nothing. */
    void ensure() {
        SingleThread one = thread;
        if (one != null && !done) {
            one.ensure();
        }
    }

    boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** Waits until the application stops, but no longer than this. Returns whether it stops. */
    boolean stopsWithin(Duration time) throws InterruptedException {
        return stopping.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Asks the work to end, and waits for it for some seconds. If a statement still runs after that, the database undoes it when
     * the application's connections end.
     *
     * @param cancel ends a statement that runs. It is called again and again, since a statement that has not reached the database
     *     yet cannot be cancelled
     * @return whether the work has ended
     */
    boolean stop(Runnable cancel) {
        stopping.countDown();
        SingleThread last = thread;
        if (last == null) {
            return true;
        }
        long start = System.nanoTime();
        boolean hasEnded = false;
        try {
            hasEnded = last.stop(A_MOMENT);
            while (!hasEnded && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(STOP_SECONDS)) {
                cancel.run();
                hasEnded = last.stop(CANCEL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return hasEnded;
    }
}
