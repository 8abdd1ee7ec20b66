package dev.tokentally.scope;

import jakarta.enterprise.concurrent.ManagedExecutors;
import jakarta.enterprise.concurrent.ManagedTask;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/** Enters the captured scope around each run of a task that it wraps. */
record ScopeSnapshot(CallScope scopes, Scope captured) implements CallScope.Snapshot {

    @Override
    public Runnable wrap(Runnable task) {
        Objects.requireNonNull(task, "task");
        Runnable scoped = () -> {
            try (CallScope.Handle scope = scopes.enter(captured)) {
                task.run();
            }
        };
        return task instanceof ManagedTask managed
                ? ManagedExecutors.managedTask(
                        scoped, managed.getExecutionProperties(), managed.getManagedTaskListener())
                : scoped;
    }

    @Override
    public <V> Callable<V> wrap(Callable<V> task) {
        Objects.requireNonNull(task, "task");
        Callable<V> scoped = () -> {
            try (CallScope.Handle scope = scopes.enter(captured)) {
                return task.call();
            }
        };
        return task instanceof ManagedTask managed
                ? ManagedExecutors.managedTask(
                        scoped, managed.getExecutionProperties(), managed.getManagedTaskListener())
                : scoped;
    }

    @Override
    public <V> Supplier<V> wrapSupplier(Supplier<V> supplier) {
        Objects.requireNonNull(supplier, "supplier");
        return () -> {
            try (CallScope.Handle scope = scopes.enter(captured)) {
                return supplier.get();
            }
        };
    }

    @Override
    public ExecutorService wrap(ExecutorService executor) {
        return new ScopedExecutor(Objects.requireNonNull(executor, "executor"), this);
    }
}
