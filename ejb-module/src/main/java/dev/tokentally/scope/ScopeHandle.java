package dev.tokentally.scope;

import dev.tokentally.scope.CallContext.OpenScope;

/** Closes what {@link CallScope} opened, once. */
final class ScopeHandle implements CallScope.Handle {

    private final CallContext context;
    private final OpenScope opened;
    private final Runnable afterwards;
    private boolean closed;

    ScopeHandle(CallContext context, OpenScope opened, Runnable afterwards) {
        this.context = context;
        this.opened = opened;
        this.afterwards = afterwards;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        // An outer scope that closes first takes the inner ones with it: none of them may outlive what it is nested in.
        if (context.innermost() != null && context.innermost().isInside(opened)) {
            context.enter(opened.outer());
        }
        afterwards.run();
    }
}
