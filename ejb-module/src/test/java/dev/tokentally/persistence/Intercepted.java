package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;

/** An object of JDBC whose calls a test sees before the object does. */
final class Intercepted {

    private Intercepted() {}

    /** Returns an object that answers each call as the interceptor says. */
    static <T> T of(Class<T> type, T target, Interceptor interceptor) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> interceptor.answer(new Call(target, method, arguments))));
    }

    interface Interceptor {
        Object answer(Call call) throws Throwable;
    }

    /** A call that the object has not got yet. */
    static final class Call {

        private final Object target;
        private final Method method;
        private final Object[] arguments;

        private Call(Object target, Method method, Object[] arguments) {
            this.target = target;
            this.method = method;
            this.arguments = arguments;
        }

        String method() {
            return method.getName();
        }

        /** The first argument, if it is a text, as SQL is. */
        Optional<String> text() {
            return arguments != null && arguments.length > 0 && arguments[0] instanceof String text
                    ? Optional.of(text)
                    : Optional.empty();
        }

        /** Calls the object, and returns or throws what it does. */
        Object proceed() throws Throwable {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }
}
