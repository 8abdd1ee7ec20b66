package dev.tokentally.recording;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads that talk to the store, so that whoever waits for it can stop waiting: a store that is frozen, or a pool that
 * has no connection left, holds a thread for as long as their settings say. Never interrupted, as H2 closes its file when
 * the thread that writes is.
 */
final class StoreThreads {

    /** Above what a pool mostly has; a caller who finds none free does not wait. */
    private static final int MAX_THREADS = 32;

    private static final int IDLE_SECONDS = 30;

    private final ThreadPoolExecutor threads;

    StoreThreads(ThreadFactory factory) {
        threads = new ThreadPoolExecutor(
                0, MAX_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
    }

    /**
     * Runs a task, and waits for it no longer than that, also when the calling thread is interrupted.
     *
     * @param task what to run; catches what it throws itself
     * @return whether it was run in time; else it may still be running, or was not begun
     */
    Outcome run(Runnable task, Duration atMost) {
        FutureTask<Void> run = new FutureTask<>(task, null);
        Outcome begun = begin(run);
        if (begun != null) {
            return begun;
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    run.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return Outcome.DONE;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    return Outcome.LATE;
                } catch (ExecutionException e) {
                    return Outcome.DONE;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Has a task run without waiting for it.
     *
     * @param task what to run; catches what it throws itself
     * @return whether it will be run; not when all threads are busy, none can be made, nor after the stop
     */
    boolean hand(Runnable task) {
        return begin(task) == null;
    }

    /** Null where a thread runs it. What a factory throws when it can make none is its own choice, and may be an Error. */
    private Outcome begin(Runnable task) {
        try {
            threads.execute(task);
            return null;
        } catch (RejectedExecutionException allBusyOrStopped) {
            return threads.getPoolSize() == 0 && !threads.isShutdown() ? Outcome.NO_THREAD : Outcome.NOT_BEGUN;
        } catch (RuntimeException | Error noThread) {
            return threads.getPoolSize() == 0 ? Outcome.NO_THREAD : Outcome.NOT_BEGUN;
        }
    }

    /** What is running is let run to its end, and awaited for a while, as what it writes through is closed next. */
    void stop(Duration atMost) throws InterruptedException {
        threads.shutdown();
        threads.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** How a task went. */
    enum Outcome {
        DONE,
        LATE,
        /** All threads are busy, or it was stopped. */
        NOT_BEGUN,
        /** There is none, and none can be made. */
        NO_THREAD
    }
}
