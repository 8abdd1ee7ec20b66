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
        try {
            threads.execute(run);
        } catch (RejectedExecutionException allBusyOrStopped) {
            return Outcome.NOT_BEGUN;
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
     * @return whether it will be run; not when all threads are busy, nor after the stop
     */
    boolean hand(Runnable task) {
        try {
            threads.execute(task);
            return true;
        } catch (RejectedExecutionException allBusyOrStopped) {
            return false;
        }
    }

    /** What is running is let run to its end. */
    void stop() {
        threads.shutdown();
    }

    /** How a task went. */
    enum Outcome {
        DONE,
        LATE,
        NOT_BEGUN
    }
}
