package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.cdi.spi.RegisterAIService;
import dev.tokentally.scope.LlmOperation;
import dev.tokentally.tracking.WiredBean.Kind;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.Schedule;
import jakarta.ejb.Stateless;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.InterceptionFactory;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("@LlmOperation without effect")
class WrongOperationsTest {

    private static final Set<Type> ASSISTANT = Set.of(Assistant.class, Object.class);
    private static final boolean INTERCEPTED = true;

    @Test
    @DisplayName("is that on a method which CDI does not intercept, and on no other method")
    void methods() {
        assertThat(lines(Bean.class))
                .singleElement()
                .asString()
                .contains(": " + Base.class.getName() + ".inherited, " + Bean.class.getName() + ".fixed, "
                        + Bean.class.getName() + ".hidden, " + Bean.class.getName() + ".started, "
                        + Bean.class.getName()
                        + ".ticked. Put it on a public method that another bean calls");
        assertThat(lines(Session.class))
                .singleElement()
                .asString()
                .contains(": " + Session.class.getName() + ".visibleInside. Put");
    }

    @Test
    @DisplayName("is that on an interface, unless its class or the class's method has one too")
    void interfaces() {
        assertThat(lines(Silent.class))
                .singleElement()
                .asString()
                .contains(
                        ": " + Port.class.getName() + ".ask (" + Silent.class.getName() + "), " + Typed.class.getName()
                                + " (" + Silent.class.getName() + "). Put it on the class or on its method");
        assertThat(lines(ByMethod.class)).isEmpty();
        assertThat(lines(ByClass.class)).isEmpty();
    }

    @Test
    @DisplayName(
            "is that on what a producer makes, unless the producer has the object or CDI's interceptors from elsewhere")
    void produced() {
        assertThat(lines(Kind.PRODUCED, ASSISTANT, Set.of(), !INTERCEPTED))
                .singleElement()
                .asString()
                .contains(
                        "what a producer or an extension makes",
                        ": " + Bean.class.getName() + " (" + Assistant.class.getName());
        assertThat(lines(Kind.PRODUCED, ASSISTANT, Set.of(InterceptionFactory.class), !INTERCEPTED))
                .isEmpty();
        assertThat(lines(Kind.PRODUCED, ASSISTANT, Set.of(Assistant.class), !INTERCEPTED))
                .isEmpty();
        assertThat(lines(Kind.PRODUCED, Set.of(String.class), Set.of(), !INTERCEPTED))
                .isEmpty();
    }

    @Test
    @DisplayName("is that on an AI service of an extension without interceptors, and on no other bean of an extension")
    void synthetic() {
        assertThat(lines(Kind.SYNTHETIC, ASSISTANT, Set.of(), !INTERCEPTED)).hasSize(1);
        assertThat(lines(Kind.SYNTHETIC, ASSISTANT, Set.of(), INTERCEPTED)).isEmpty();
        assertThat(lines(Kind.SYNTHETIC, Set.of(Port.class), Set.of(), !INTERCEPTED))
                .isEmpty();
    }

    private static List<String> lines(Class<?> beanClass) {
        return new WrongOperations(
                        List.of(new WiredBean(Kind.CLASS, beanClass, Set.of(beanClass), Set.of(), false, false, false)))
                .lines();
    }

    private static List<String> lines(Kind kind, Set<Type> types, Set<Class<?>> injected, boolean intercepted) {
        return new WrongOperations(List.of(new WiredBean(kind, Bean.class, types, injected, false, false, intercepted)))
                .lines();
    }

    @RegisterAIService
    private interface Assistant {

        @LlmOperation("ask")
        String ask();
    }

    private static class Base {

        @LlmOperation("inherited")
        private void inherited() {
            // Is looked at only.
        }

        @LlmOperation("overridden")
        void overridden() {
            inherited();
        }
    }

    private static final class Bean extends Base {

        @LlmOperation("open")
        public void open() {
            hidden();
        }

        @LlmOperation("package")
        void visibleInside() {
            fixed();
        }

        @LlmOperation("hidden")
        private void hidden() {
            // Is looked at only.
        }

        @LlmOperation("fixed")
        static void fixed() {
            // Is looked at only.
        }

        @Schedule
        @LlmOperation("ticked")
        public void ticked() {
            observed("");
        }

        @PostConstruct
        @LlmOperation("started")
        void started() {
            // Is looked at only.
        }

        @LlmOperation("observed")
        private void observed(@Observes String event) {
            // Weld intercepts it.
        }
    }

    @Stateless
    private static final class Session {

        @LlmOperation("open")
        public void open() {
            visibleInside();
        }

        @LlmOperation("package")
        void visibleInside() {
            // Only this object can call it.
        }
    }

    private interface Port {

        @LlmOperation("ask")
        String ask();

        @LlmOperation("default")
        default String byDefault() {
            return ask();
        }
    }

    @LlmOperation("typed")
    private interface Typed {

        String tell();
    }

    private static class Silent implements Port, Typed {

        @Override
        public String ask() {
            return "";
        }

        @Override
        public String tell() {
            return "";
        }
    }

    private static final class ByMethod extends Silent {

        @Override
        @LlmOperation("by method")
        public String ask() {
            return "";
        }
    }

    @LlmOperation("by class")
    private static final class ByClass extends Silent {}
}
