package dev.tokentally.scope;

import jakarta.enterprise.context.RequestScoped;
import java.util.UUID;

/**
 * The innermost call scope that the current request has entered.
 *
 * <p>Belongs to one request, as its CDI scope says. Each accessor throws {@link MissingCallScopeException} where a
 * request is active but no call scope was entered in it; where no request is active at all, CDI throws {@link
 * jakarta.enterprise.context.ContextNotActiveException} before this class is reached.
 */
@RequestScoped
public class CallContext {

    private OpenScope innermost;

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
     * What all calls of this scope share.
     *
     * @return the call id; never null
     * @throws MissingCallScopeException outside a call scope
     */
    public UUID callId() {
        return current("callId()").callId();
    }

    Scope current(String asked) {
        if (innermost == null) {
            throw new MissingCallScopeException(asked + " needs a call scope, and none was entered: annotate the method"
                    + " that starts the work with @LlmOperation(\"…\"), or enter one with CallScope.enter(tenantId,"
                    + " operation)");
        }
        return innermost.scope();
    }

    void enter(OpenScope scope) {
        innermost = scope;
    }

    OpenScope innermost() {
        return innermost;
    }

    /** A scope that is open, and the one that comes back when it closes. */
    record OpenScope(Scope scope, OpenScope outer) {

        boolean isInside(OpenScope other) {
            for (OpenScope open = this; open != null; open = open.outer) {
                if (open == other) {
                    return true;
                }
            }
            return false;
        }
    }
}
