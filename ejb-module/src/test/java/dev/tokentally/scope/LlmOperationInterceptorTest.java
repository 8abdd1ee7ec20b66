package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.interceptor.InvocationContext;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The operation of an intercepted method")
class LlmOperationInterceptorTest {

    @ParameterizedTest(name = "{0}.{1}")
    @DisplayName("is that of the method, or else that of the class for a public method")
    @CsvSource({
        "Annotated, own, of the method",
        "Annotated, ownInside, of the method",
        "Annotated, open, of the class",
        "Annotated, inside, ",
        "Sub, own, of the method",
        "Sub, open, of the class",
        "Overriding, open, of the subclass",
        "Plain, own, of the method",
    })
    void operation(String target, String method, String operation) {
        assertThat(LlmOperationInterceptor.operation(type(target), method(type(target), method)))
                .isEqualTo(Optional.ofNullable(operation));
    }

    @Test
    @DisplayName("is missing if only a stereotype has the annotation, and the exception says where to put it")
    void stereotype() {
        assertThatThrownBy(() -> LlmOperationInterceptor.operation(Plain.class, method(Plain.class, "open")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(Plain.class.getName(), "open", "not on a stereotype");
    }

    @Test
    @DisplayName("needs a tenant, and the exception says so if the TenantResolver returns null")
    void noTenant() {
        LlmOperationInterceptor interceptor = new LlmOperationInterceptor();
        interceptor.tenant = new CurrentTenant(new NullResolver(), null);

        assertThatThrownBy(() -> interceptor.inScope(new OwnCall()))
                .isInstanceOf(MissingCallScopeException.class)
                .hasMessageContaining("the TenantResolver returned null");
    }

    private static Class<?> type(String name) {
        return Stream.of(LlmOperationInterceptorTest.class.getDeclaredClasses())
                .filter(type -> type.getSimpleName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Method method(Class<?> target, String name) {
        return Stream.<Class<?>>iterate(target, type -> type != null, Class::getSuperclass)
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** An application whose resolvers return null. */
    private static final class NullResolver extends Resolvers {

        @Override
        <T, R> R ask(Class<T> type, Function<T, R> question, Supplier<R> otherwise) {
            return null;
        }
    }

    /** A call of an annotated method. */
    private static final class OwnCall implements InvocationContext {

        @Override
        public Object getTarget() {
            return new Annotated();
        }

        @Override
        public Method getMethod() {
            return method(Annotated.class, "own");
        }

        @Override
        public Object getTimer() {
            return null;
        }

        @Override
        public Constructor<?> getConstructor() {
            return null;
        }

        @Override
        public Object[] getParameters() {
            return new Object[0];
        }

        @Override
        public void setParameters(Object[] parameters) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, Object> getContextData() {
            return new HashMap<>();
        }

        @Override
        public Object proceed() {
            return "proceeded";
        }
    }

    @LlmOperation("of the class")
    private static class Annotated {

        @LlmOperation("of the method")
        public void own() {
            // Is looked at only.
        }

        @LlmOperation("of the method")
        void ownInside() {
            // Is looked at only.
        }

        public void open() {
            // Is looked at only.
        }

        void inside() {
            // Is looked at only.
        }
    }

    private static class Sub extends Annotated {}

    @LlmOperation("of the subclass")
    private static final class Overriding extends Annotated {}

    private static final class Plain {

        @LlmOperation("of the method")
        public void own() {
            // Is looked at only.
        }

        public void open() {
            // Is looked at only.
        }
    }
}
