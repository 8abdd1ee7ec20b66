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
 * Threads that talk to the store, so that a caller can stop waiting for it. A store that is frozen, or a pool that has no
 * connection left, holds a thread for as long as their settings say. These threads are never interrupted, since H2 closes its file
 * when the thread that writes is interrupted.
 */
final class StoreThreads {

    /** More threads than a pool usually has connections. A caller that finds no free thread does not wait. */
    private static final int MAX_THREADS = 32;

    private static final int IDLE_SECONDS = 30;

    private final ThreadPoolExecutor threads;

    StoreThreads(ThreadFactory factory) {
        threads = new ThreadPoolExecutor(
                0, MAX_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
    }

    /**
     * Runs a task, and waits for it no longer than the given time, also if the calling thread is interrupted.
     *
     * @param task the task to run; it must catch its own exceptions
     * @return whether it was run in time; if not, it may still be running, or was not begun
     */
    Outcome run(Runnable task, Duration atMost) {
        FutureTask<Void> run = new FutureTask<>(task, null);
        Outcome begun = begin(run);
        if (begun != Outcome.BEGUN) {
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
     * Lets a thread run a task, without waiting for it.
     *
     * @param task the task to run; it must catch its own exceptions
     * @return whether it will be run; false if all threads are busy, if none can be made, and after the stop
     */
    boolean hand(Runnable task) {
        return begin(task) == Outcome.BEGUN;
    }

    /** Returns whether a thread runs the task, and if none does why. If a factory can make no thread, it may throw anything. */
    private Outcome begin(Runnable task) {
        try {
            threads.execute(task);
            return Outcome.BEGUN;
        } catch (RejectedExecutionException allBusyOrStopped) {
            return threads.getPoolSize() == 0 && !threads.isShutdown() ? Outcome.NO_THREAD : Outcome.NOT_BEGUN;
        } catch (RuntimeException | Error noThread) {
            return threads.getPoolSize() == 0 ? Outcome.NO_THREAD : Outcome.NOT_BEGUN;
        }
    }

    /** Running tasks may go on to their end. This waits for them for a while, since the store that they use is closed next. */
    void stop(Duration atMost) throws InterruptedException {
        threads.shutdown();
        threads.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** How a task went. */
    enum Outcome {
        /** A thread runs it. {@link #run} waits for more than that. */
        BEGUN,
        DONE,
        LATE,
        /** All threads are busy, or it was stopped. */
        NOT_BEGUN,
        /** No thread is free, and none can be made. */
        NO_THREAD
    }
}
