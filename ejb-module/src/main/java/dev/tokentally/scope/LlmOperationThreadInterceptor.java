package dev.tokentally.scope;

import jakarta.annotation.Priority;
import jakarta.inject.Inject;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import java.io.Serializable;

/**
 * Enters the scope of {@link LlmOperationInterceptor} again if an interceptor between the two has moved the method to another
 * thread, as Fault Tolerance's {@code @Asynchronous} and {@code @Bulkhead} do.
 */
@Interceptor
@LlmOperation("")
@Priority(Interceptor.Priority.PLATFORM_AFTER + 500)
class LlmOperationThreadInterceptor implements Serializable {

    /** Serializable for the same reason as {@link LlmOperationInterceptor}. */
    private static final long serialVersionUID = 1L;

    // Not injected by constructor: for a session bean Payara itself makes the interceptor, by the constructor without
    // parameters.
    @Inject
    @SuppressWarnings("serial")
    CallScope scopes;

    @AroundInvoke
    Object inTheSameScope(InvocationContext call) throws Exception {
        Scope entered = (Scope) call.getContextData().get(LlmOperationInterceptor.SCOPE);
        if (entered == null || scopes.innermost().filter(entered::equals).isPresent()) {
            return call.proceed();
        }
        try (CallScope.Handle scope = scopes.enter(entered)) {
            return call.proceed();
        }
    }
}
