package dev.tokentally.scope;

import java.util.Optional;
import java.util.UUID;

/** Scopes without a request. Each thread has its own scopes, and none at first. */
final class ScopePerThread extends CallScope {

    /** Whether no scope can be entered any more, as after the application has stopped. */
    boolean broken;

    private final ThreadLocal<Scope> current = new ThreadLocal<>();

    @Override
    Handle enter(Scope scope) {
        if (broken) {
            throw new IllegalStateException("stopped");
        }
        Scope before = current.get();
        current.set(scope);
        return () -> current.set(before);
    }

    @Override
    Handle leaveAll() {
        return enter((Scope) null);
    }

    @Override
    Optional<Scope> innermost() {
        return Optional.ofNullable(here());
    }

    @Override
    Scope newScope(String tenantId, String operation) {
        return new Scope(tenantId, operation, UUID.randomUUID());
    }

    Scope here() {
        return current.get();
    }
}
