package dev.tokentally.scope;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Call scopes without a request. Each thread has its own scopes, and none at first. */
public final class ScopePerThread extends CallScope {

    /** Whether no scope that was taken along can be entered any more, as after the application has stopped. */
    public volatile boolean broken;

    private final ThreadLocal<Scope> here = new ThreadLocal<>();

    @Override
    public Handle enter(String tenantId, String operation) {
        return set(new Scope(tenantId, operation, UUID.randomUUID()));
    }

    @Override
    public Handle insideCall(Consumer<String> parts) {
        Scope scope = here.get();
        return set(scope == null ? null : scope.withCall(parts));
    }

    @Override
    public Snapshot capture() {
        return new ScopeSnapshot(this, here.get());
    }

    @Override
    Handle enter(Scope scope) {
        if (broken) {
            throw new IllegalStateException("stopped");
        }
        return set(scope);
    }

    private Handle set(Scope scope) {
        Scope outer = here.get();
        here.set(scope);
        return () -> here.set(outer);
    }

    @Override
    Handle leaveAll() {
        return enter((Scope) null);
    }

    @Override
    Optional<Scope> innermost() {
        return Optional.ofNullable(here.get());
    }

    /**
     * Does with a result what {@code @LlmOperation} does: the result starts in the scope that is current now.
     *
     * @param result what a method returned
     * @param method the method
     * @param <T> the method's type
     * @return the result that the caller gets
     */
    public <T> T returned(T result, Method method) {
        @SuppressWarnings("unchecked")
        T scoped = (T) LazyResult.inScope(result, method, new LaterScope(this, here.get()));
        return scoped;
    }
}
