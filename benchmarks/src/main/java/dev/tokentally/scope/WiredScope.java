package dev.tokentally.scope;

import dev.tokentally.recording.Recorders;
import jakarta.enterprise.context.spi.Context;
import jakarta.enterprise.inject.spi.BeanManager;
import java.lang.reflect.Proxy;
import java.util.Map;

/**
 * The real call scope of one thread whose request is always active; the container's proxies are what is missing. In this
 * package since CDI alone is to make it.
 */
public final class WiredScope {

    private WiredScope() {}

    /**
     * Makes one.
     *
     * @param configuration by key, for what scopes may have
     * @return the scope; for one thread
     */
    public static CallScope ofThisThread(Map<String, String> configuration) {
        Context active = answering(Context.class, "isActive", true);
        return new CallScope(
                new CallContext(),
                answering(BeanManager.class, "getContext", active),
                null,
                new AttributeRules(Recorders.settings(configuration)));
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
}
