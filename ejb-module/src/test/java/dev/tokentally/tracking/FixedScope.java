package dev.tokentally.tracking;

import dev.tokentally.scope.CallScope;
import java.util.Optional;
import java.util.function.Consumer;

/** A call scope that is entered from the beginning until it is left, or never. */
final class FixedScope extends CallScope {

    private final Current outside;
    private Current current;
    private Consumer<String> call;

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
    public Handle insideCall(Consumer<String> parts) {
        current = new Current(outside.tenantId(), outside.operation(), outside.callId(), true);
        call = parts;
        return () -> current = outside;
    }

    @Override
    public void tellCallAround(String kind) {
        if (kind != null && call != null) {
            call.accept(kind);
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X as(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
