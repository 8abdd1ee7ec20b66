package dev.tokentally.tracking;

import dev.tokentally.scope.CallScope;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/** Call scopes without a request: each thread has its own, and none to begin with. */
public final class ScopePerThread extends CallScope {

    /** Whether what was captured cannot be entered, as when the application has stopped. */
    public volatile boolean broken;

    private final ThreadLocal<Current> here = new ThreadLocal<>();

    @Override
    public Handle enter(String tenantId, String operation) {
        return enter(new Current(tenantId, operation, UUID.randomUUID(), false));
    }

    @Override
    public Handle insideCall() {
        Current scope = here.get();
        return enter(scope == null ? null : new Current(scope.tenantId(), scope.operation(), scope.callId(), true));
    }

    @Override
    public Optional<Current> current() {
        return Optional.ofNullable(here.get());
    }

    @Override
    public Snapshot capture() {
        Current captured = here.get();
        return new Snapshot() {

            @Override
            public Runnable wrap(Runnable task) {
                return () -> {
                    if (broken) {
                        throw new IllegalStateException("stopped");
                    }
                    try (Handle scope = enter(captured)) {
                        task.run();
                    }
                };
            }

            @Override
            public <V> Callable<V> wrap(Callable<V> task) {
                throw new UnsupportedOperationException();
            }

            @Override
            public <V> Supplier<V> wrapSupplier(Supplier<V> supplier) {
                return () -> {
                    try (Handle scope = enter(captured)) {
                        return supplier.get();
                    }
                };
            }

            @Override
            public ExecutorService wrap(ExecutorService executor) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private Handle enter(Current scope) {
        Current outer = here.get();
        here.set(scope);
        return () -> here.set(outer);
    }
}
