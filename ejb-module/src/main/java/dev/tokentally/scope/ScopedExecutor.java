package dev.tokentally.scope;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Wraps each task and hands it to another executor. Its life cycle is that of the other executor. */
record ScopedExecutor(ExecutorService executor, CallScope.Snapshot snapshot) implements ExecutorService, AutoCloseable {

    @Override
    public void execute(Runnable task) {
        executor.execute(snapshot.wrap(task));
    }

    @Override
    public Future<?> submit(Runnable task) {
        return executor.submit(snapshot.wrap(task));
    }

    @Override
    public <T> Future<T> submit(Runnable task, T result) {
        return executor.submit(snapshot.wrap(task), result);
    }

    @Override
    public <T> Future<T> submit(Callable<T> task) {
        return executor.submit(snapshot.wrap(task));
    }

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks) throws InterruptedException {
        return executor.invokeAll(wrapped(tasks));
    }

    @Override
    public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException {
        return executor.invokeAll(wrapped(tasks), timeout, unit);
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks) throws InterruptedException, ExecutionException {
        return executor.invokeAny(wrapped(tasks));
    }

    @Override
    public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return executor.invokeAny(wrapped(tasks), timeout, unit);
    }

    @Override
    public void shutdown() {
        executor.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return executor.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return executor.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return executor.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return executor.awaitTermination(timeout, unit);
    }

    /** Since Java 19 every executor can be closed, some in their own way: closing the common pool does nothing, for example. */
    @Override
    public void close() {
        if (!(executor instanceof AutoCloseable closeable)) {
            executor.shutdown();
            return;
        }
        try {
            closeable.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the executor could not be closed", e);
        }
    }

    private <T> List<Callable<T>> wrapped(Collection<? extends Callable<T>> tasks) {
        return tasks.stream().<Callable<T>>map(snapshot::wrap).toList();
    }
}
