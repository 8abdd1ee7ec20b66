package dev.tokentally.tracking;

import dev.tokentally.scope.CallScope;
import java.util.Optional;

/** A call scope that is entered from the beginning until it is left, or never. */
final class FixedScope extends CallScope {

    private final Current outside;
    private Current current;

    /** What the scope throws when it is read; null if it can be read. */
    Throwable failure;

    FixedScope(Current current) {
        this.outside = current;
        this.current = current;
    }

    @Override
    public Optional<Current> current() {
        if (failure != null) {
            throw FixedScope.<RuntimeException>as(failure);
        }
        return Optional.ofNullable(current);
    }

    @Override
    public Optional<Current> currentOfCall() {
        return current();
    }

    void leave() {
        current = null;
    }

    @Override
    public Handle insideCall() {
        current = new Current(outside.tenantId(), outside.operation(), outside.callId(), true);
        return () -> current = outside;
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X as(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
