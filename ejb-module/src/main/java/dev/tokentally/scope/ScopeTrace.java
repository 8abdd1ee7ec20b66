package dev.tokentally.scope;

/**
 * The trace that a scope carries.
 *
 * @param trace not null
 * @param ofHeader whether the request's header named it; else it is of a span that was taken along
 */
record ScopeTrace(CallTrace trace, boolean ofHeader) {

    /**
     * The trace of a call on this thread.
     *
     * <p>Payara makes a span of its own for each JAX-RS request also where it does not trace. Nobody exports that span, and it is in
     * another trace than the request's header names. So a header gives way only to a span of its own trace.
     *
     * @param carried by the scope; may be null
     * @return null where none is known
     */
    static ScopeTrace here(ScopeTrace carried) {
        CallTrace current = CurrentSpan.trace();
        boolean isElsewhere = current == null
                || carried != null
                        && carried.ofHeader
                        && !carried.trace.traceId().equals(current.traceId());
        return isElsewhere ? carried : new ScopeTrace(current, carried != null && carried.ofHeader);
    }
}
