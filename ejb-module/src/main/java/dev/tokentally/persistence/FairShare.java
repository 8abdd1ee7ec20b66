package dev.tokentally.persistence;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * Shares few threads among askers, so that an asker with many requests leaves some to the others. An asker gets another thread if
 * it has fewer threads than are free. Of four threads, the first asker gets two, the second gets one, and the third gets the last.
 * Places in the queue are shared in the same way. A free thread goes to the asker with the fewest threads, and among equals to the
 * one that has waited longest. Safe for use by many threads.
 */
final class FairShare {

    private final Executor threads;
    private final int size;
    private final int places;
    private final Map<String, Integer> running = new HashMap<>();
    private final List<Task> waiting = new ArrayList<>();

    /**
     * Shares threads.
     *
     * @param threads runs the tasks; it must have as many threads as are shared
     * @param size how many threads are shared
     * @param places how many tasks may wait
     */
    FairShare(Executor threads, int size, int places) {
        this.threads = threads;
        this.size = size;
        this.places = places;
    }

    /**
     * Runs a task, now or when its turn comes.
     *
     * @param asker whose task it is; null is an asker too
     * @param work the task; it must not throw, as a {@link FutureTask} does not
     * @throws RejectedExecutionException when the asker has its share of the places to wait in, or the threads were stopped
     */
    void execute(String asker, FutureTask<?> work) {
        Task task = new Task(asker, work);
        if (!startOrWait(task)) {
            return;
        }
        boolean isStarted = false;
        try {
            threads.execute(() -> run(task));
            isStarted = true;
        } finally {
            if (!isStarted) {
                end(task);
            }
        }
    }

    /** Removes a task that still waits. */
    synchronized void forget(FutureTask<?> work) {
        waiting.removeIf(task -> task.work == work);
    }

    private synchronized boolean startOrWait(Task task) {
        if (mayStart(task)) {
            start(task);
            return true;
        }
        long own = waiting.stream().filter(each -> each.isOf(task)).count();
        if (own >= places - waiting.size()) {
            throw new RejectedExecutionException("too many wait");
        }
        waiting.add(task);
        return false;
    }

    private void run(Task first) {
        for (Task task = first; task != null; task = next(task)) {
            task.work.run();
        }
    }

    /**
     * A task that ends lets at most one other begin, since none could begin before. The asker with the fewest threads goes first.
     */
    private synchronized Task next(Task ended) {
        end(ended);
        Task next = null;
        for (Task task : waiting) {
            if (mayStart(task) && (next == null || running(task) < running(next))) {
                next = task;
            }
        }
        if (next != null) {
            waiting.remove(next);
            start(next);
        }
        return next;
    }

    private synchronized void end(Task task) {
        running.computeIfPresent(task.asker, (asker, number) -> number == 1 ? null : (Integer) (number - 1));
    }

    private void start(Task task) {
        running.merge(task.asker, 1, Integer::sum);
    }

    private boolean mayStart(Task task) {
        int free = size - running.values().stream().mapToInt(Integer::intValue).sum();
        return running(task) < free;
    }

    private int running(Task task) {
        return running.getOrDefault(task.asker, 0);
    }

    private record Task(String asker, FutureTask<?> work) {

        private boolean isOf(Task other) {
            return asker == null ? other.asker == null : asker.equals(other.asker);
        }
    }
}
