package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ContextNotActiveException;
import jakarta.inject.Inject;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import java.io.Serializable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Optional;

/** Enters the scope of {@link LlmOperation}. It runs outside Fault Tolerance, so that all attempts share the call id. */
@Interceptor
@LlmOperation("")
@Priority(Interceptor.Priority.LIBRARY_BEFORE)
class LlmOperationInterceptor implements Serializable {

    // A server may write a bean of a session to the disk, together with its interceptors. So CDI requires that they are
    // serializable. CDI's proxies in the fields are.
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = QuietLog.of(LlmOperationInterceptor.class);

    /** The key under which {@link LlmOperationThreadInterceptor} finds the scope that was entered. */
    static final String SCOPE = LlmOperation.class.getName();

    // Not injected by constructor: for a session bean Payara itself makes the interceptor, by the constructor without
    // parameters.
    @Inject
    @SuppressWarnings("serial")
    CallScope scopes;

    @Inject
    @SuppressWarnings("serial")
    CurrentTenant tenant;

    @Inject
    @SuppressWarnings("serial")
    CurrentAttributes attributes;

    @Inject
    @SuppressWarnings("serial")
    SilentOperations silent;

    @AroundInvoke
    Object inScope(InvocationContext call) throws Exception {
        Method method = call.getMethod();
        Optional<String> operation = operation(call.getTarget().getClass(), method);
        if (operation.isEmpty()) {
            return call.proceed();
        }
        Scope scope = attributes
                .addedTo(scopes.newScope(tenantOf(method), operation.get()))
                .takenAlong();
        call.getContextData().put(SCOPE, scope);
        Object result;
        try (CallScope.Handle entered = scopes.enter(scope)) {
            result = call.proceed();
        }
        if (!SilentOperations.isSettled(method)) {
            tellIfSilent(call, scope, result);
        }
        return LazyResult.inScope(result, method, new LaterScope(scopes, scope));
    }

    /** A failure of this check must not reach the caller. */
    private void tellIfSilent(InvocationContext call, Scope scope, Object result) {
        try {
            silent.ended(call.getTarget().getClass(), call.getMethod(), scope.calls(), result);
        } catch (RuntimeException | LinkageError notTold) {
            LOG.log(Level.DEBUG, "It could not be checked whether an operation made a call", notTold);
        }
    }

    private String tenantOf(Method method) {
        String reason = "the caller is anonymous, or the TenantResolver names none";
        ContextNotActiveException cause = null;
        try {
            Optional<String> found = tenant.find();
            if (found == null) {
                reason = "the TenantResolver returned null";
            } else if (found.isPresent()) {
                return found.get();
            }
        } catch (ContextNotActiveException resolverOfARequest) {
            reason = "the TenantResolver asks a request, and none is active on this thread";
            cause = resolverOfARequest;
        }
        MissingCallScopeException missing = new MissingCallScopeException("@LlmOperation on "
                + method.getDeclaringClass().getName() + "." + method.getName() + " found no tenant: " + reason
                + ". Call it as an authenticated caller, provide a TenantResolver bean, or enter the scope with"
                + " CallScope.enter(tenantId, operation)");
        missing.initCause(cause);
        throw missing;
    }

    /**
     * The operation in which a method runs; empty if the method is not public and only its class has the annotation.
     *
     * @param target may be a subclass that the container made. It inherits {@link LlmOperation} from its bean class
     */
    static Optional<String> operation(Class<?> target, Method method) {
        LlmOperation operation = method.getAnnotation(LlmOperation.class);
        if (operation == null) {
            if (!Modifier.isPublic(method.getModifiers())) {
                return Optional.empty();
            }
            operation = target.getAnnotation(LlmOperation.class);
        }
        if (operation == null) {
            throw new IllegalStateException("@LlmOperation is neither on " + target.getName() + " nor on its method "
                    + method.getName() + ": put it there and not on a stereotype, which hides its value");
        }
        return Optional.of(operation.value());
    }
}
