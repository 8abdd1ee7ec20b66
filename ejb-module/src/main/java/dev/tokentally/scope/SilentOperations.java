package dev.tokentally.scope;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Tells of an {@link LlmOperation} in which no call was seen, once for each: its calls are made past the decorator and the listeners, and have
 * no rows. Says nothing where calls may still come, and nothing of an operation that has had a call before: it may answer without a model now
 * and then, as from a cache.
 */
@ApplicationScoped
class SilentOperations {

    private static final Logger LOG = System.getLogger(SilentOperations.class.getName());

    /** LangChain4j's embeddings have no rows without a listener, and need none where the model is in the application. */
    private static final String[] EMBEDDING = {
        "dev.langchain4j.model.embedding.", "dev.langchain4j.store.embedding.", "dev.langchain4j.rag."
    };

    /** Operations of which is known what there is to know. Static, so that the way of a call needs no proxy. */
    private static final Set<Method> SETTLED = ConcurrentHashMap.newKeySet();

    private final ApplicationBeans beans;

    /** The methods of a class without a call so far, where the annotation is the class's. */
    private final Map<Class<?>, Set<Method>> quiet = new ConcurrentHashMap<>();

    /** Classes with the annotation of which a method has had a call. */
    private final Set<Class<?>> heard = ConcurrentHashMap.newKeySet();

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
                heard.add(method.getDeclaringClass());
            }
        } else if (!calls.mayComeLater()
                && !LazyResult.isForLater(result)
                && (!ofClass || isWhollyQuiet(method))
                && SETTLED.add(method)
                && !embeds(target)) {
            tell(method, ofClass);
        }
    }

    /** A class with the annotation may have methods that ask nothing, so it is told of when none of them has asked. */
    private boolean isWhollyQuiet(Method method) {
        Class<?> type = method.getDeclaringClass();
        Set<Method> methods = quiet.computeIfAbsent(type, first -> ConcurrentHashMap.newKeySet());
        methods.add(method);
        return !heard.contains(type)
                && Stream.of(type.getDeclaredMethods())
                        .filter(other -> Modifier.isPublic(other.getModifiers())
                                && !Modifier.isStatic(other.getModifiers())
                                && !other.isSynthetic()
                                && other.getAnnotation(LlmOperation.class) == null)
                        .allMatch(methods::contains);
    }

    private boolean embeds(Class<?> target) {
        for (Class<?> type = target; type != null && type != Object.class; type = type.getSuperclass()) {
            if (beans.mentions(type, name -> Stream.of(EMBEDDING).anyMatch(name::contains))) {
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
}
