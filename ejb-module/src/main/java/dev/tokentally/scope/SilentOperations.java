package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Tells of each {@link LlmOperation} in which no call was seen, once. Its calls do not pass the decorator or the listeners, and
 * have no rows. It says nothing if calls may still come. It also says nothing about an operation that had a call before, since it
 * may sometimes answer without a model, for example from a cache.
 */
@ApplicationScoped
class SilentOperations {

    private static final Logger LOG = QuietLog.of(SilentOperations.class);

    /**
     * Calls of LangChain4j's embedding models have no rows without a listener. If the model runs inside the application, they need
     * none.
     */
    private static final String[] EMBEDDING = {
        "dev.langchain4j.model.embedding.", "dev.langchain4j.store.embedding.", "dev.langchain4j.rag."
    };

    /** A bean that reaches one of these may also ask a model whose calls should have rows. */
    private static final String[] ASKING = {
        "dev.langchain4j.model.chat.", "dev.langchain4j.service.", "dev.tokentally.llm.LlmPort"
    };

    /** So many methods of a class must have returned without a call, if some of its methods are never called. */
    private static final int ENOUGH = 20;

    /** Operations that need no further look. It is static, so that a call needs no proxy to reach it. */
    private static final Set<Method> SETTLED = ConcurrentHashMap.newKeySet();

    private final ApplicationBeans beans;

    /** Classes with the annotation that had no call so far. */
    private final Map<Class<?>, Quiet> quiet = new ConcurrentHashMap<>();

    /** Classes with the annotation that need no further look, since one of their methods had a call, or since it was told. */
    private final Set<Class<?>> settledClasses = ConcurrentHashMap.newKeySet();

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected SilentOperations() {
        this(null);
    }

    @Inject
    SilentOperations(ApplicationBeans beans) {
        this.beans = beans;
    }

    static boolean isSettled(Method method) {
        return SETTLED.contains(method);
    }

    /**
     * A scope has ended in which the method has returned.
     *
     * @param target the class of the bean, which may be a proxy's
     * @param result what the method has returned; may be null
     */
    void ended(Class<?> target, Method method, SeenCalls calls, Object result) {
        boolean ofClass = method.getAnnotation(LlmOperation.class) == null;
        if (calls.any()) {
            SETTLED.add(method);
            if (ofClass) {
                settledClasses.add(method.getDeclaringClass());
            }
        } else if (!calls.mayComeLater()
                && !LazyResult.isForLater(result)
                && (!ofClass || isWhollyQuiet(method))
                && SETTLED.add(method)
                && !onlyEmbeds(target)
                && (!ofClass || settledClasses.add(method.getDeclaringClass()))) {
            tell(method, ofClass);
        }
    }

    /**
     * A class with the annotation may have methods that ask no model. So the log tells of it only when all of its methods, or many,
     * have returned and none of them has asked one.
     */
    private boolean isWhollyQuiet(Method method) {
        Class<?> type = method.getDeclaringClass();
        if (settledClasses.contains(type)) {
            return false;
        }
        Quiet soFar =
                quiet.computeIfAbsent(type, first -> new Quiet(ConcurrentHashMap.newKeySet(), new AtomicInteger()));
        soFar.methods().add(method);
        return soFar.returns().incrementAndGet() >= ENOUGH
                || Stream.of(type.getDeclaredMethods())
                        .filter(other -> Modifier.isPublic(other.getModifiers())
                                && !Modifier.isStatic(other.getModifiers())
                                && !other.isSynthetic()
                                && other.getAnnotation(LlmOperation.class) == null)
                        .allMatch(soFar.methods()::contains);
    }

    private boolean onlyEmbeds(Class<?> target) {
        return mentions(target, EMBEDDING) && !mentions(target, ASKING);
    }

    private boolean mentions(Class<?> target, String... types) {
        for (Class<?> type = target; type != null && type != Object.class; type = type.getSuperclass()) {
            if (beans.mentions(type, name -> Stream.of(types).anyMatch(name::contains))) {
                return true;
            }
        }
        return false;
    }

    private static void tell(Method method, boolean ofClass) {
        String where = method.getDeclaringClass().getName() + (ofClass ? "" : "." + method.getName());
        LOG.log(
                Level.WARNING,
                "@LlmOperation on " + where
                        + " has ended, and Tokentally has seen no LLM call in it. If it asked a model, that call"
                        + " has no row: list dev.tokentally.tracking.TrackingLlmDecorator under <decorators> in the beans.xml of the"
                        + " archive with the LlmPort bean, or give a LangChain4j model the listener TrackingChatModelListener. If it"
                        + " asked none, all is well. This is told once");
    }

    /**
     * A class without a call so far.
     *
     * @param methods those that have returned
     * @param returns how often any of them has
     */
    private record Quiet(Set<Method> methods, AtomicInteger returns) {}
}
