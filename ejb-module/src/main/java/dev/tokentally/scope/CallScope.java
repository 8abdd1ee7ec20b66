package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
import dev.tokentally.text.Summary;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.ContextNotActiveException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.enterprise.context.control.RequestContextController;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.lang.StackWalker.StackFrame;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
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
 * <p>May be used from any thread. If no CDI request is active, one is activated for as long as the scope lasts. If a new request is
 * active (a timer, an asynchronous method, a message-driven bean), enter the scope there again, or take it along by a {@link
 * Snapshot}.
 */
@ApplicationScoped
public class CallScope {

    private static final Logger LOG = QuietLog.of(CallScope.class);

    private final CallContext context;
    private final BeanManager beans;
    private final Instance<RequestContextController> requests;
    private final AttributeRules rules;

    /** A client may send a wrong header with each of its requests. */
    private final Summary leftOut = new Summary(LOG, "headers or attributes were left out", Level.WARNING);

    private final Summary wrongTraces = new Summary(LOG, "traceparent headers were left out", Level.WARNING);

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CallScope() {
        this(null, null, null, null);
    }

    @Inject
    CallScope(
            CallContext context, BeanManager beans, Instance<RequestContextController> requests, AttributeRules rules) {
        this.context = context;
        this.beans = beans;
        this.requests = requests;
        this.rules = rules;
    }

    @PreDestroy
    void tellTheRest() {
        leftOut.tellTheRest();
        wrongTraces.tellTheRest();
    }

    /**
     * Enters a scope with the call id that a {@link CallIdFilter} gave the request. Without a filter the call id is new.
     *
     * @param tenantId who pays: not blank, at most 255 characters, no control character, valid Unicode
     * @param operation what the calls are for: not blank, at most 64 characters, no control character, valid Unicode
     * @return the handle whose close restores the previous scope
     * @throws IllegalArgumentException when an argument is not allowed; the message names it
     */
    public Handle enter(String tenantId, String operation) {
        return open(newScope(tenantId, operation), OpenScope.caller());
    }

    /**
     * Enters a scope with a given call id, for example the id of the request that it serves.
     *
     * @param tenantId who pays: not blank, at most 255 characters, no control character, valid Unicode
     * @param operation what the calls are for: not blank, at most 64 characters, no control character, valid Unicode
     * @param callId the id that the records of all calls in this scope share; not null
     * @return the handle whose close restores the previous scope
     * @throws IllegalArgumentException when an argument is not allowed; the message names it
     */
    public Handle enter(String tenantId, String operation, UUID callId) {
        return open(newScope(tenantId, operation, callId), OpenScope.caller());
    }

    /**
     * Enters a scope with attributes, and with the call id that a {@link CallIdFilter} gave the request. Without a filter the call
     * id is new.
     *
     * @param tenantId who pays: not blank, at most 255 characters, no control character, valid Unicode
     * @param operation what the calls are for: not blank, at most 64 characters, no control character, valid Unicode
     * @param attributes what else is known of the calls; what is null in it is inherited from the scope around it; not null
     * @return the handle whose close restores the previous scope
     * @throws IllegalArgumentException when an argument is not allowed, here or by {@link CallAttributes}; the message names it
     */
    public Handle enter(String tenantId, String operation, CallAttributes attributes) {
        return open(with(attributes, newScope(tenantId, operation)), OpenScope.caller());
    }

    /**
     * Enters the innermost scope again with other attributes. Tenant, operation and call id stay the same.
     *
     * @param attributes what else is known of the calls; what is null in it is inherited; not null
     * @return the handle whose close restores the previous scope
     * @throws MissingCallScopeException outside a call scope
     * @throws IllegalArgumentException when an attribute is not as {@link CallAttributes} says; the message names it
     */
    public Handle enter(CallAttributes attributes) {
        Scope scope = innermost()
                .orElseThrow(
                        () -> new MissingCallScopeException("enter(CallAttributes) needs a call scope, and none was"
                                + " entered: enter one with CallScope.enter(tenantId, operation, attributes)"));
        return open(with(attributes, scope), OpenScope.caller());
    }

    private Scope with(CallAttributes attributes, Scope scope) {
        if (attributes == null) {
            throw new IllegalArgumentException("attributes must not be null");
        }
        return scope.with(rules.within(scope.attributes(), attributes, wrong -> {
            throw wrong;
        }));
    }

    /**
     * The part of some attributes that may be entered here. It is for attributes from outside, such as from the headers of a
     * request, which must not make a call fail. One WARNING in the log says what is left out. If there are more than ten within ten
     * seconds, the log has only their number.
     *
     * @param attributes what was given; not null
     * @return the same without the values that {@link #enter(CallAttributes)} would refuse
     */
    public CallAttributes acceptable(CallAttributes attributes) {
        LeftOut reasons = new LeftOut();
        CallAttributes acceptable = rules.right(outerAttributes(), attributes, reasons);
        reasons.tell("came from outside", "", leftOut);
        return acceptable;
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
                    + " call capture() where the scope was entered, and pass the snapshot on");
        }
        Scope scope = context.current("capture()");
        scope.calls().goElsewhere();
        return new ScopeSnapshot(this, scope.takenAlong());
    }

    /**
     * The scope from which a record is made.
     *
     * @return the innermost scope's values; empty outside a call scope, also where no request is active
     */
    public Optional<Current> current() {
        return innermost().map(CallScope::currentOf);
    }

    /**
     * The scope in which a call is made. It remembers that there was a call, since the log tells of an {@link LlmOperation} without
     * one.
     *
     * @return as {@link #current()}
     */
    public Optional<Current> currentOfCall() {
        return innermost().map(scope -> {
            scope.calls().add();
            return currentOf(scope);
        });
    }

    private static Current currentOf(Scope scope) {
        return new Current(
                scope.tenantId(),
                scope.operation(),
                scope.callId(),
                scope.insideCall(),
                scope.attributes().user(),
                scope.attributes().session(),
                scope.attributes().environment(),
                scope.attributes().tagsText(),
                traceOf(scope));
    }

    /**
     * Marks that a call is running, so that requests inside it are not recorded by themselves. The mark holds on this thread, in
     * scopes that are entered inside it, and on threads to which these are taken.
     *
     * @param parts is told the kind of each request inside it, see {@link #tellCallAround}; on any thread. Not null
     * @return the handle whose close removes the mark; does nothing outside a call scope
     */
    public Handle insideCall(Consumer<String> parts) {
        return innermost().map(scope -> enter(scope.withCall(parts))).orElse(() -> {});
    }

    /**
     * Tells the call that is running here of a request inside it. Does nothing if no call is running.
     *
     * @param kind what kind of request it is; null if it is not known
     */
    public void tellCallAround(String kind) {
        innermost().map(Scope::call).filter(call -> kind != null).ifPresent(call -> call.accept(kind));
    }

    private static CallTrace traceOf(Scope scope) {
        ScopeTrace here = ScopeTrace.here(scope.trace());
        return here == null ? null : here.trace();
    }

    Optional<Scope> innermost() {
        return requestIsActive() ? context.scope() : Optional.empty();
    }

    Scope newScope(String tenantId, String operation) {
        Optional<UUID> ofTheRequest = requestIsActive() ? context.requestCallId() : Optional.empty();
        return newScope(tenantId, operation, ofTheRequest.orElseGet(UniqueIds::next));
    }

    /** The scope inherits the attributes and the trace of the scope around it. */
    private Scope newScope(String tenantId, String operation, UUID callId) {
        Optional<Scope> outer = innermost();
        return new Scope(
                tenantId,
                operation,
                callId,
                outer.map(Scope::call).orElse(null),
                outer.map(Scope::attributes).orElse(Attributes.NONE),
                outer.map(Scope::trace).orElseGet(this::requestTrace),
                new SeenCalls(outer.map(Scope::calls).orElse(null)));
    }

    private ScopeTrace requestTrace() {
        return requestIsActive()
                ? context.requestTrace()
                        .map(trace -> new ScopeTrace(trace, true))
                        .orElse(null)
                : null;
    }

    private Attributes outerAttributes() {
        return innermost().map(Scope::attributes).orElse(Attributes.NONE);
    }

    /** Enters a scope and does not remember the place. Code of the module uses it, since it always closes its scopes. */
    Handle enter(Scope scope) {
        return open(scope, null);
    }

    /** Hides the current scope until the handle is closed. */
    Handle leaveAll() {
        return innermost().isPresent() ? open(null, null) : () -> {};
    }

    private Handle open(Scope scope, StackFrame enteredAt) {
        if (!requestIsActive()) {
            RequestContextController request = requests.get();
            request.activate();
            context.activatedBy(() -> {
                request.deactivate();
                requests.destroy(request);
            });
        }
        CallContext request = context.self();
        OpenScope opened = request.open(scope, enteredAt);
        if (scope != null && scope.trace() == null) {
            request.traceParentFault()
                    .ifPresent(fault -> wrongTraces.add("The traceparent header of a request is left out,"
                            + " and its calls are recorded without it, call_id=" + scope.callId() + ": " + fault));
        }
        return opened;
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
     * @param callId the id that the records of the scope share
     * @param insideCall whether a call is running of which all requests here are parts
     * @param user the user's name or pseudonym, as it is recorded; null if it is not known
     * @param session the session; null if it is not known
     * @param environment the installation; null if it is not known
     * @param tags the text of a JSON object with sorted keys; null where there are none
     * @param trace the trace of a call that is made here: that of OpenTelemetry's current span on this thread, else the one that
     *     was taken along, else that of the request's {@code traceparent} header. If the current span is in another trace than the
     *     header, the header's is used; null if none is known
     */
    public record Current(
            String tenantId,
            String operation,
            UUID callId,
            boolean insideCall,
            String user,
            String session,
            String environment,
            String tags,
            CallTrace trace) {

        /**
         * A scope whose trace is not known.
         *
         * @param tenantId who pays
         * @param operation what for
         * @param callId the id that the records of the scope share
         * @param insideCall whether a call is running of which all requests here are parts
         * @param user the user; null if it is not known
         * @param session the session; null if it is not known
         * @param environment the installation; null if it is not known
         * @param tags the text of a JSON object with sorted keys; null where there are none
         */
        public Current(
                String tenantId,
                String operation,
                UUID callId,
                boolean insideCall,
                String user,
                String session,
                String environment,
                String tags) {
            this(tenantId, operation, callId, insideCall, user, session, environment, tags, null);
        }

        /**
         * A scope without attributes.
         *
         * @param tenantId who pays
         * @param operation what for
         * @param callId the id that the records of the scope share
         * @param insideCall whether a call is running of which all requests here are parts
         */
        public Current(String tenantId, String operation, UUID callId, boolean insideCall) {
            this(tenantId, operation, callId, insideCall, null, null, null, null);
        }

        /**
         * Whether it is the same scope, also while a call is under way in it, and in whichever trace.
         *
         * @param other a scope; not null
         * @return whether everything except {@code insideCall} and {@code trace} is equal
         */
        public boolean isSameAs(Current other) {
            return callId.equals(other.callId)
                    && tenantId.equals(other.tenantId)
                    && operation.equals(other.operation)
                    && Objects.equals(user, other.user)
                    && Objects.equals(session, other.session)
                    && Objects.equals(environment, other.environment)
                    && Objects.equals(tags, other.tags);
        }
    }

    /**
     * An entered scope. Close it once, on the thread that entered it, after all scopes that were entered inside it. Anything else
     * is one WARNING that says where the scope was entered and closed:
     *
     * <ul>
     *   <li>closed once more: nothing happens;
     *   <li>closed on another thread: it is closed, and its own thread has the scope around it again;
     *   <li>closed before a scope inside it: both are closed;
     *   <li>left open: closed when its request ends. On a thread of your own no request ever ends.
     * </ul>
     */
    public interface Handle extends AutoCloseable {

        /** Restores the previous scope. Throws nothing. */
        @Override
        void close();
    }

    /**
     * A scope that can go to other threads. A task that it wraps runs in the same scope (tenant, operation, call id and
     * attributes), on any thread. If that thread has no span of its own, the task runs in the trace of the thread that captured the
     * scope. A snapshot may be used any number of times and on many threads at once.
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
         * Wraps a supplier. Its name differs from {@code wrap}, since a lambda would fit both.
         *
         * @param supplier what to run; not null
         * @param <V> the result
         * @return the same supplier, run in the captured scope
         */
        <V> Supplier<V> wrapSupplier(Supplier<V> supplier);

        /**
         * Wraps an executor, so that a fan-out is one line:
         *
         * <pre>{@code
         * callScope.capture().wrap(managedExecutor).invokeAll(questions)
         * }</pre>
         *
         * <p>Also serves as the executor of {@code CompletableFuture.supplyAsync} and of the other {@code …Async}
         * stages. What is submitted keeps its {@code ManagedTask} properties and listener.
         *
         * @param executor what runs the tasks, a {@code ManagedExecutorService} for example; not null
         * @return an executor that hands each task to {@code executor}, to be run in the captured scope; its life cycle
         *     methods are those of {@code executor}
         */
        ExecutorService wrap(ExecutorService executor);
    }
}
