package dev.tokentally.scope;

import jakarta.enterprise.concurrent.spi.ThreadContextProvider;
import jakarta.enterprise.concurrent.spi.ThreadContextSnapshot;
import jakarta.enterprise.inject.InjectionException;
import jakarta.enterprise.inject.spi.CDI;
import java.util.Map;
import java.util.Optional;

/**
 * Lets Jakarta Concurrency carry the call scope. A {@code ManagedExecutorService} or {@code ContextService} runs a task in the
 * scope of the code that submitted it, or without a scope if there was none. A {@code @ContextServiceDefinition} names this context
 * {@value #TYPE}, or includes it in all remaining types.
 *
 * <p>Public because the server loads it as a service.
 */
public class CallScopeContextProvider implements ThreadContextProvider {

    /** The name of the context type in a {@code @ContextServiceDefinition}. */
    public static final String TYPE = "dev.tokentally.CallScope";

    private static final ThreadContextSnapshot UNCHANGED = () -> () -> {};

    @Override
    public ThreadContextSnapshot currentContext(Map<String, String> executionProperties) {
        return scopes().map(scopes -> scopes.innermost()
                        .map(CallScopeContextProvider::takenAlong)
                        .<ThreadContextSnapshot>map(captured -> () -> scopes.enter(captured)::close)
                        .orElseGet(() -> without(scopes)))
                .orElse(UNCHANGED);
    }

    @Override
    public ThreadContextSnapshot clearedContext(Map<String, String> executionProperties) {
        return scopes().map(CallScopeContextProvider::without).orElse(UNCHANGED);
    }

    @Override
    public String getThreadContextType() {
        return TYPE;
    }

    private static Scope takenAlong(Scope scope) {
        scope.calls().goElsewhere();
        return scope.takenAlong();
    }

    private static ThreadContextSnapshot without(CallScope scopes) {
        return () -> scopes.leaveAll()::close;
    }

    /**
     * Payara Micro asks also while it deploys, when there are no beans yet. And if two applications submit to a common executor at
     * once, Payara's threads may ask the provider of the other application. Then no beans of that application are found, but the
     * task must begin all the same.
     */
    private static Optional<CallScope> scopes() {
        try {
            return Optional.of(CDI.current().select(CallScope.class).get());
        } catch (IllegalStateException | InjectionException noBeansOfOurs) {
            return Optional.empty();
        }
    }
}
