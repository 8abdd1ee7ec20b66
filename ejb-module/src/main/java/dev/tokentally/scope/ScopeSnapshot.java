package dev.tokentally.scope;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Enters the captured scope around each run of what it wraps. */
record ScopeSnapshot(CallScope scopes, Scope captured) implements CallScope.Snapshot {

    @Override
    public Runnable wrap(Runnable task) {
        Objects.requireNonNull(task, "task");
        return () -> {
            try (CallScope.Handle scope = scopes.enter(captured)) {
                task.run();
            }
        };
    }

    @Override
    public <V> Callable<V> wrap(Callable<V> task) {
        Objects.requireNonNull(task, "task");
        return () -> {
            try (CallScope.Handle scope = scopes.enter(captured)) {
                return task.call();
            }
        };
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
}
