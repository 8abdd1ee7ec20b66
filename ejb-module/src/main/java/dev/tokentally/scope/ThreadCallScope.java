package dev.tokentally.scope;

import dev.tokentally.config.Settings;
import jakarta.enterprise.context.spi.Context;
import jakarta.enterprise.inject.Vetoed;
import jakarta.enterprise.inject.spi.BeanManager;
import java.lang.StackWalker.StackFrame;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.UUID;

/**
 * Call scopes without CDI: each thread has its own, and none to begin with. It is for tests and for programs without a server.
 * In everything else it does what {@link CallScope} does in one request.
 */
@Vetoed
public final class ThreadCallScope extends CallScope {

    /**
     * Makes scopes that no thread has entered yet.
     *
     * @param settings which attributes a scope may have, and how its user is recorded; not null
     */
    public ThreadCallScope(Settings settings) {
        super(new ContextOfThread(), alwaysActive(), null, new AttributeRules(settings));
    }

    private static BeanManager alwaysActive() {
        return answering(BeanManager.class, "getContext", answering(Context.class, "isActive", true));
    }

    private static <T> T answering(Class<T> type, String question, Object answer) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals(question)) {
                        return answer;
                    }
                    throw new UnsupportedOperationException(method.getName());
                }));
    }

    /** Takes the place of the container's proxy, and finds the context of the thread instead of the request's. */
    @Vetoed
    private static final class ContextOfThread extends CallContext {

        private final ThreadLocal<CallContext> contexts = ThreadLocal.withInitial(CallContext::new);

        @Override
        CallContext self() {
            return contexts.get();
        }

        @Override
        Optional<Scope> scope() {
            return self().scope();
        }

        @Override
        Optional<UUID> requestCallId() {
            return self().requestCallId();
        }

        @Override
        Optional<CallTrace> requestTrace() {
            return self().requestTrace();
        }

        @Override
        void useForThisRequest(UUID callId, TraceParent header) {
            self().useForThisRequest(callId, header);
        }

        @Override
        OpenScope open(Scope scope, StackFrame enteredAt) {
            return self().open(scope, enteredAt);
        }
    }
}
