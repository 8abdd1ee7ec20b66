package dev.tokentally.scope;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.ContextNotActiveException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.enterprise.context.control.RequestContextController;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * Enters call scopes: says for a piece of work who pays for its LLM calls and what they are made for.
 *
 * <pre>{@code
 * try (CallScope.Handle scope = callScope.enter("acme", "summarise")) {
 *     llm.complete(request);
 * }
 * }</pre>
 *
 * <p>May be used from any thread; a handle is closed on the thread that entered it. Where no CDI request is active, one
 * is activated for as long as the scope lasts.
 */
@ApplicationScoped
public class CallScope {

    private final CallContext context;
    private final BeanManager beans;
    private final Instance<RequestContextController> requests;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CallScope() {
        this(null, null, null);
    }

    @Inject
    CallScope(CallContext context, BeanManager beans, Instance<RequestContextController> requests) {
        this.context = context;
        this.beans = beans;
        this.requests = requests;
    }

    /**
     * Enters a scope with a call id of its own.
     *
     * @param tenantId who pays: not blank, at most 255 characters, no control character, valid Unicode
     * @param operation what for: not blank, at most 64 characters, no control character, valid Unicode
     * @return what puts back the scope that was there before
     * @throws IllegalArgumentException when an argument is not as said; the message names it
     */
    public Handle enter(String tenantId, String operation) {
        return enter(tenantId, operation, UUID.randomUUID());
    }

    /**
     * Enters a scope with a given call id, for example the id of the request that it serves.
     *
     * @param tenantId who pays: not blank, at most 255 characters, no control character, valid Unicode
     * @param operation what for: not blank, at most 64 characters, no control character, valid Unicode
     * @param callId what the records of all calls in this scope share; not null
     * @return what puts back the scope that was there before
     * @throws IllegalArgumentException when an argument is not as said; the message names it
     */
    public Handle enter(String tenantId, String operation, UUID callId) {
        return enter(new Scope(tenantId, operation, callId));
    }

    /**
     * Takes the scope along to other threads.
     *
     * @return the innermost scope, as it is now
     * @throws MissingCallScopeException outside a call scope
     */
    public Snapshot capture() {
        if (!requestIsActive()) {
            throw new MissingCallScopeException("capture() needs a call scope, and not even a request is active here:"
                    + " capture where the scope was entered, and take the snapshot along");
        }
        return new ScopeSnapshot(this, context.current("capture()"));
    }

    /**
     * The scope that a record is made from.
     *
     * @return the innermost scope's values; empty outside a call scope, also where no request is active
     */
    public Optional<Current> current() {
        if (!requestIsActive() || context.innermost() == null) {
            return Optional.empty();
        }
        Scope scope = context.innermost().scope();
        return Optional.of(new Current(scope.tenantId(), scope.operation(), scope.callId()));
    }

    Handle enter(Scope scope) {
        if (requestIsActive()) {
            return open(scope, () -> {});
        }
        RequestContextController request = requests.get();
        request.activate();
        return open(scope, () -> {
            request.deactivate();
            requests.destroy(request);
        });
    }

    private Handle open(Scope scope, Runnable afterwards) {
        CallContext.OpenScope opened = new CallContext.OpenScope(scope, context.innermost());
        context.enter(opened);
        return new ScopeHandle(context, opened, afterwards);
    }

    private boolean requestIsActive() {
        try {
            return beans.getContext(RequestScoped.class).isActive();
        } catch (ContextNotActiveException none) {
            return false;
        }
    }

    /**
     * The values of a scope.
     *
     * @param tenantId who pays
     * @param operation what for
     * @param callId what the records of the scope share
     */
    public record Current(String tenantId, String operation, UUID callId) {}

    /** An entered scope. Closing it a second time does nothing. */
    public interface Handle extends AutoCloseable {

        /** Puts back the scope that was there before. Throws nothing. */
        @Override
        void close();
    }

    /**
     * A scope that travels: what it wraps runs in the same scope (tenant, operation and call id) on whichever thread
     * runs it, any number of times and on many threads at once.
     */
    public interface Snapshot {

        /**
         * Wraps a task without a result.
         *
         * @param task what to run; not null
         * @return the same task, run in the captured scope
         */
        Runnable wrap(Runnable task);

        /**
         * Wraps a task with a result.
         *
         * @param task what to run; not null
         * @param <V> the result
         * @return the same task, run in the captured scope
         */
        <V> Callable<V> wrap(Callable<V> task);

        /**
         * Wraps a supplier. Named apart from {@code wrap}, since a lambda would fit both.
         *
         * @param supplier what to run; not null
         * @param <V> the result
         * @return the same supplier, run in the captured scope
         */
        <V> Supplier<V> wrapSupplier(Supplier<V> supplier);
    }
}
