package dev.tokentally.persistence;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** A thread for work that goes on until the application stops. */
final class OwnThread {

    private static final long STOP_SECONDS = 5;
    private static final long CANCEL_MILLIS = 100;

    private final String name;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private Thread thread;

    OwnThread(String name) {
        this.name = name;
    }

    void start(ThreadFactory threads, Runnable work) {
        thread = threads.newThread(work);
        thread.setName(name);
        thread.start();
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
        if (thread == null) {
            return true;
        }
        long start = System.nanoTime();
        try {
            while (thread.isAlive() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(STOP_SECONDS)) {
                cancel.run();
                thread.join(CANCEL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
