package dev.tokentally.scope;

import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.BaseStream;

/**
 * A result that a method returns before it has done any work: LangChain4j's {@code TokenStream}, a {@code Flow.Publisher} or
 * Mutiny's {@code Multi} and {@code Uni}. The caller starts the work after the method has left its scope. Types of libraries are
 * found by their names, since an application may not have these libraries, or may have them where this module does not see them.
 */
final class LazyResult {

    private static final Logger LOG = QuietLog.of(LazyResult.class);

    private static final String TOKEN_STREAM = "dev.langchain4j.service.TokenStream";
    private static final String MULTI = "io.smallrye.mutiny.Multi";
    private static final String UNI = "io.smallrye.mutiny.Uni";

    /** Types whose work begins when somebody subscribes to them, or when JAX-RS writes them. */
    private static final Set<String> LATER = Set.of(
            TOKEN_STREAM,
            MULTI,
            UNI,
            "org.reactivestreams.Publisher",
            "io.reactivex.rxjava3.core.SingleSource",
            "io.reactivex.rxjava3.core.MaybeSource",
            "io.reactivex.rxjava3.core.CompletableSource",
            "jakarta.ws.rs.core.StreamingOutput");

    private static final String RESPONSE = "jakarta.ws.rs.core.Response";

    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private LazyResult() {}

    /**
     * The same result, whose work starts in the scope.
     *
     * @param result what the method returned; may be null
     * @param method the method, which must be able to return the result
     * @param scope the scope that was entered around the method
     * @return the result itself if it is of no such type, or if the method's return type is a class, which cannot be replaced
     */
    static Object inScope(Object result, Method method, LaterScope scope) {
        if (result == null || method.getReturnType().isPrimitive() || method.getReturnType() == String.class) {
            return result;
        }
        Object scoped;
        try {
            scoped = scoped(result, scope);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError otherVersion) {
            tell(
                    method,
                    result,
                    "the class differs from the known versions: "
                            + otherVersion.getClass().getName());
            return result;
        }
        if (scoped != result && !method.getReturnType().isInstance(scoped)) {
            tell(method, result, "the method's type is a class: let it return the interface");
            return result;
        }
        return scoped;
    }

    /** Whether the result of a method may make calls after the method has ended, in its scope or not. */
    static boolean isForLater(Object result) {
        return result instanceof CompletionStage<?>
                || result instanceof Future<?>
                || result instanceof Flow.Publisher<?>
                || result instanceof BaseStream<?, ?>
                || result instanceof Iterator<?>
                || result instanceof Runnable
                || result instanceof Callable<?>
                || result instanceof Supplier<?>
                || result != null
                        && (LATER.stream().anyMatch(name -> named(result.getClass(), name) != null)
                                || isForLater(entity(result)));
    }

    /** The entity of a JAX-RS response; null if the result is not a response. */
    private static Object entity(Object result) {
        Class<?> response = named(result.getClass(), RESPONSE);
        try {
            return response == null ? null : response.getMethod("getEntity").invoke(result);
        } catch (ReflectiveOperationException otherVersion) {
            return null;
        }
    }

    private static Object scoped(Object result, LaterScope scope) throws ReflectiveOperationException {
        Class<?> type = named(result.getClass(), TOKEN_STREAM);
        if (type != null) {
            return tokenStream(result, type, scope);
        }
        type = named(result.getClass(), MULTI);
        if (type != null) {
            return ofPublisher(type, (Flow.Publisher<?>) result, scope);
        }
        type = named(result.getClass(), UNI);
        if (type != null) {
            return ofPublisher(
                    type, (Flow.Publisher<?>) type.getMethod("toMulti").invoke(result), scope);
        }
        return result instanceof Flow.Publisher<?> publisher ? new ScopedPublisher<>(publisher, scope) : result;
    }

    /** {@code Multi} and {@code Uni} are made from a publisher in the same way. */
    private static Object ofPublisher(Class<?> type, Flow.Publisher<?> publisher, LaterScope scope)
            throws ReflectiveOperationException {
        Object creating = type.getMethod("createFrom").invoke(null);
        return creating.getClass()
                .getMethod("publisher", Flow.Publisher.class)
                .invoke(creating, new ScopedPublisher<>(publisher, scope));
    }

    /** Each method of the stream runs in the scope. A method that returns the stream itself returns this one. */
    private static Object tokenStream(Object stream, Class<?> type, LaterScope scope) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            Object returned;
            try (CallScope.Handle entered = scope.enter()) {
                returned = method.invoke(stream, arguments);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
            return returned == stream ? proxy : inScope(returned, method, scope);
        });
    }

    /** The interface with that name that a class has or inherits; null if there is none. */
    private static Class<?> named(Class<?> type, String name) {
        for (Class<?> current = type; current != null; current = current.getSuperclass()) {
            if (current.getName().equals(name)) {
                return current;
            }
            for (Class<?> implemented : current.getInterfaces()) {
                Class<?> found = named(implemented, name);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private static void tell(Method method, Object result, String why) {
        String where = method.getDeclaringClass().getName() + "." + method.getName();
        if (TOLD.add(where)) {
            LOG.log(
                    Level.WARNING,
                    "The result of @LlmOperation on " + where + " starts without its call scope. It is a "
                            + result.getClass().getName() + ", and " + why);
        }
    }
}
