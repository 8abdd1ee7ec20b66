package dev.tokentally.scope;

import jakarta.enterprise.concurrent.spi.ThreadContextProvider;
import jakarta.enterprise.concurrent.spi.ThreadContextSnapshot;
import jakarta.enterprise.inject.InjectionException;
import jakarta.enterprise.inject.spi.CDI;
import java.util.Map;
import java.util.Optional;

/**
 * Lets Jakarta Concurrency carry the call scope: what a {@code ManagedExecutorService} or {@code ContextService} runs, it
 * runs in the scope of whoever submitted it, without a scope where there was none. A {@code @ContextServiceDefinition}
 * names it {@value #TYPE}, or has it among all remaining types.
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
     * Payara Micro asks while it deploys too, when there are no beans yet. And Payara's threads may ask another application's
     * provider where two applications submit to a common executor at once: no beans of that one are found, and the task must begin
     * all the same.
     */
    private static Optional<CallScope> scopes() {
        try {
            return Optional.of(CDI.current().select(CallScope.class).get());
        } catch (IllegalStateException | InjectionException noBeansOfOurs) {
            return Optional.empty();
        }
    }
}
