package dev.tokentally.scope;

/**
 * The trace that a scope carries.
 *
 * @param trace not null
 * @param ofHeader whether it is from the request's header; otherwise it is that of a span that was taken along
 */
record ScopeTrace(CallTrace trace, boolean ofHeader) {

    /**
     * The trace of a call on this thread.
     *
     * <p>Payara makes a span for each JAX-RS request even if tracing is off. Nobody exports that span, and its trace is not that of
     * the request's header. So the current span is preferred to the header only if both have the same trace.
     *
     * @param carried the trace that the scope carries; may be null
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
