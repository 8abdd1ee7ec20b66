package dev.tokentally.scope;

import dev.tokentally.config.MissingScope;
import dev.tokentally.scope.OpenScope.State;
import dev.tokentally.text.QuietLog;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.RequestScoped;
import java.lang.StackWalker.StackFrame;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The innermost call scope that the current request has entered.
 *
 * <p>It belongs to one request, as its CDI scope says. If a request is active but no call scope was entered in it, each accessor
 * throws {@link MissingCallScopeException}. If no request is active, CDI throws {@link
 * jakarta.enterprise.context.ContextNotActiveException} before this class is reached.
 */
@RequestScoped
public class CallContext {

    private static final Logger LOG = QuietLog.of(CallContext.class);

    // The methods are synchronized, since a handle may by mistake be closed on another thread than the request's.
    private OpenScope innermost;
    private UUID requestCallId;
    private TraceParent traceParent = TraceParent.NONE;
    private Activation activation;

    /**
     * Whose calls these are.
     *
     * @return the tenant; never blank
     * @throws MissingCallScopeException outside a call scope
     */
    public String tenantId() {
        return current("tenantId()").tenantId();
    }

    /**
     * What the calls are made for.
     *
     * @return the operation; never blank
     * @throws MissingCallScopeException outside a call scope
     */
    public String operation() {
        return current("operation()").operation();
    }

    /**
     * The call id that all calls of this scope share.
     *
     * @return the call id; never null
     * @throws MissingCallScopeException outside a call scope
     */
    public UUID callId() {
        return current("callId()").callId();
    }

    /** The real bean behind the container's proxy. On another thread the proxy finds another bean, or none. */
    CallContext self() {
        return this;
    }

    Scope current(String asked) {
        return scope().orElseThrow(() -> new MissingCallScopeException(
                asked + " needs a call scope, and none was entered: " + MissingScope.REMEDY));
    }

    synchronized Optional<Scope> scope() {
        return Optional.ofNullable(innermost).map(open -> open.scope);
    }

    /** The call id for scopes of this request that were given none; empty if the request has none. */
    synchronized Optional<UUID> requestCallId() {
        return Optional.ofNullable(requestCallId);
    }

    /** The trace in the request's header; empty if there is none. */
    synchronized Optional<CallTrace> requestTrace() {
        return Optional.ofNullable(traceParent.trace());
    }

    /** Why the request's header gives no trace. It is returned once, so that it is told once; empty if nothing is wrong. */
    synchronized Optional<String> traceParentFault() {
        Optional<String> fault = Optional.ofNullable(traceParent.fault());
        if (fault.isPresent()) {
            traceParent = TraceParent.NONE;
        }
        return fault;
    }

    synchronized void useForThisRequest(UUID callId, TraceParent header) {
        requestCallId = callId;
        traceParent = header;
    }

    /** The module activated the request to which this bean belongs. It ends the request when the last scope in it closes. */
    synchronized void activatedBy(Runnable deactivate) {
        activation = new Activation(Thread.currentThread(), deactivate);
    }

    synchronized OpenScope open(Scope scope, StackFrame enteredAt) {
        innermost = new OpenScope(this, scope, innermost, enteredAt);
        return innermost;
    }

    void close(OpenScope scope) {
        if (endsTheRequest(scope)) {
            activation.deactivate().run();
        }
    }

    /** Closes the scope, and then logs what was wrong. Returns whether this ends the request that the module activated. */
    private synchronized boolean endsTheRequest(OpenScope scope) {
        if (scope.state != State.OPEN) {
            boolean isAgain = scope.state == State.CLOSED;
            scope.state = State.CLOSED;
            if (isAgain) {
                tell("A call scope was closed again, which changes nothing", scope, "Close it once");
            }
            return false;
        }
        boolean isElsewhere = scope.thread != Thread.currentThread();
        List<OpenScope> inside = innermost == scope
                ? List.of()
                : open().takeWhile(open -> open != scope).toList();
        inside.forEach(open -> open.state = State.CLOSED_FOR_ITS_OWNER);
        scope.state = isElsewhere ? State.CLOSED_FOR_ITS_OWNER : State.CLOSED;
        innermost = scope.outer;
        if (isElsewhere) {
            tell(
                    "A call scope was closed on another thread than the one that entered it",
                    scope,
                    "Close it where it was entered, and take it to other threads with CallScope.capture()");
        }
        if (!inside.isEmpty()) {
            tell(
                    "A call scope was closed before those inside of it, which are closed with it",
                    scope,
                    "Close the inner ones first: " + describe(inside.stream()));
        }
        return innermost == null && activation != null && activation.thread() == Thread.currentThread();
    }

    private static void tell(String what, OpenScope scope, String advice) {
        LOG.log(
                Level.WARNING,
                what + ": " + scope.describe() + ", closed at " + OpenScope.text(OpenScope.caller()) + ". " + advice
                        + "; try-with-resources avoids this mistake");
    }

    @PreDestroy
    synchronized void closeWhatWasLeftOpen() {
        if (innermost == null) {
            return;
        }
        List<OpenScope> left = open().toList();
        left.forEach(open -> open.state = State.CLOSED_FOR_ITS_OWNER);
        innermost = null;
        LOG.log(
                Level.WARNING,
                "A request has ended with an open call scope, which is closed now: "
                        + describe(left.stream())
                        + ". Close what CallScope.enter returned, best with try-with-resources");
    }

    /** The open scopes, from the innermost one outwards. */
    private Stream<OpenScope> open() {
        return Stream.iterate(innermost, open -> open != null, open -> open.outer);
    }

    private static String describe(Stream<OpenScope> scopes) {
        return scopes.map(OpenScope::describe).collect(Collectors.joining("; inside of "));
    }

    /**
     * How the module ends a request that it has activated.
     *
     * @param thread the thread on which it is active
     * @param deactivate what ends it there
     */
    private record Activation(Thread thread, Runnable deactivate) {}
}
