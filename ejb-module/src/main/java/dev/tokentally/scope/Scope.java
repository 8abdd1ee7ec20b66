package dev.tokentally.scope;

import java.util.UUID;
import java.util.function.Consumer;

/**
 * What a scope says about the calls inside it. A value that exists can be stored.
 *
 * @param call is told the kinds of the requests that are made inside the call that is under way, and that are not recorded by
 *     themselves; null if no call is under way
 * @param trace the trace that it takes to threads without a current span; null if none is known
 * @param calls shared by all scopes that the methods below make of it
 */
record Scope(
        String tenantId,
        String operation,
        UUID callId,
        Consumer<String> call,
        Attributes attributes,
        ScopeTrace trace,
        SeenCalls calls) {

    /** As wide as the column of the same name in {@code llm_calls}. */
    private static final int TENANT_LENGTH = 255;

    /** As wide as the column of the same name in {@code llm_calls}. */
    private static final int OPERATION_LENGTH = 64;

    Scope {
        ScopeText.check("tenantId", tenantId, TENANT_LENGTH);
        ScopeText.check("operation", operation, OPERATION_LENGTH);
        if (callId == null) {
            throw new IllegalArgumentException("callId must not be null");
        }
    }

    Scope(String tenantId, String operation, UUID callId) {
        this(tenantId, operation, callId, null, Attributes.NONE, null, new SeenCalls(null));
    }

    /** Whether a call is under way, so that requests inside it are not recorded by themselves. */
    boolean insideCall() {
        return call != null;
    }

    Scope with(Attributes other) {
        return new Scope(tenantId, operation, callId, call, other, trace, calls);
    }

    /** The same scope for other threads, with the span that is current on this thread. */
    Scope takenAlong() {
        return new Scope(tenantId, operation, callId, call, attributes, ScopeTrace.here(trace), calls);
    }

    /** The same scope while a call is under way in it, which is told the kinds of the requests inside it. */
    Scope withCall(Consumer<String> underWay) {
        return new Scope(tenantId, operation, callId, underWay, attributes, trace, calls);
    }

    /** Whether it is the same scope. A call that is under way and the trace do not matter. */
    boolean isSameAs(Scope other) {
        return callId.equals(other.callId)
                && tenantId.equals(other.tenantId)
                && operation.equals(other.operation)
                && attributes.equals(other.attributes);
    }
}
