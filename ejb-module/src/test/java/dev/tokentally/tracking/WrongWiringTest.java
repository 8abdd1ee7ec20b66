package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.tracking.WiredBean.Kind;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The check of the wiring")
class WrongWiringTest {

    private static final String UNFOLLOWED =
            "the decorator is not enabled for them: " + Llm.class.getName() + ". Add <decorators>";
    private static final String TYPED = "LlmPort is not among their bean types";
    private static final String MADE = "as CDI does not decorate these: " + Llm.class.getName();
    private static final String NOTHING = null;

    private static final boolean FOLLOWED = true;
    private static final boolean BEHIND = true;

    private static final Set<Type> PORT = Set.of(Llm.class, LlmPort.class, Object.class);
    private static final Set<Type> ITSELF = Set.of(Llm.class, Object.class);
    private static final Set<Type> PRODUCED_PORT = Set.of(LlmPort.class, Object.class);

    static List<Arguments> cases() {
        return List.of(
                a("a port without the decorator", Kind.CLASS, PORT, Set.of(), !FOLLOWED, !BEHIND, UNFOLLOWED),
                a("a port with the decorator", Kind.CLASS, PORT, Set.of(), FOLLOWED, !BEHIND, NOTHING),
                a("a port that asks another", Kind.CLASS, PORT, Set.of(LlmPort.class), !FOLLOWED, !BEHIND, NOTHING),
                a(
                        "a port that asks one by its class",
                        Kind.CLASS,
                        PORT,
                        Set.of(Llm.class),
                        !FOLLOWED,
                        !BEHIND,
                        NOTHING),
                a("a port that records", Kind.CLASS, PORT, Set.of(CallTracker.class), !FOLLOWED, !BEHIND, NOTHING),
                a("a port behind another one", Kind.CLASS, PORT, Set.of(), !FOLLOWED, BEHIND, NOTHING),
                a("a @Typed port", Kind.CLASS, ITSELF, Set.of(), !FOLLOWED, !BEHIND, TYPED),
                a(
                        "a @Typed port that asks another",
                        Kind.CLASS,
                        ITSELF,
                        Set.of(LlmPort.class),
                        !FOLLOWED,
                        !BEHIND,
                        NOTHING),
                a(
                        "a @Typed port that records",
                        Kind.CLASS,
                        ITSELF,
                        Set.of(CallTracker.class),
                        !FOLLOWED,
                        !BEHIND,
                        NOTHING),
                a("a @Typed port behind another one", Kind.CLASS, ITSELF, Set.of(), !FOLLOWED, BEHIND, NOTHING),
                a("a produced port", Kind.PRODUCED, PRODUCED_PORT, Set.of(String.class), !FOLLOWED, !BEHIND, MADE),
                a("a produced @Typed port", Kind.PRODUCED, ITSELF, Set.of(), !FOLLOWED, !BEHIND, MADE),
                a(
                        "a produced port of a port",
                        Kind.PRODUCED,
                        PRODUCED_PORT,
                        Set.of(LlmPort.class),
                        !FOLLOWED,
                        !BEHIND,
                        NOTHING),
                a(
                        "a port that is wrapped by hand",
                        Kind.PRODUCED,
                        PRODUCED_PORT,
                        Set.of(CallTracker.class),
                        !FOLLOWED,
                        !BEHIND,
                        NOTHING),
                a(
                        "a produced port behind another one",
                        Kind.PRODUCED,
                        PRODUCED_PORT,
                        Set.of(),
                        !FOLLOWED,
                        BEHIND,
                        NOTHING),
                a("a port of an extension", Kind.SYNTHETIC, PRODUCED_PORT, Set.of(), !FOLLOWED, !BEHIND, MADE),
                a("no port at all", Kind.CLASS, Set.of(String.class), Set.of(), !FOLLOWED, !BEHIND, NOTHING));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("tells of each port whose calls have no records, and of no other")
    @MethodSource("cases")
    void told(String name, WiredBean bean, String line) {
        List<String> lines = new WrongWiring(List.of(bean)).lines();

        if (line == null) {
            assertThat(lines).isEmpty();
        } else {
            assertThat(lines).singleElement().asString().contains(line, Llm.class.getName());
        }
    }

    @Test
    @DisplayName("writes one line for all beans with the same fault, in order, and says what to do in an EAR's lib/")
    void together() {
        WiredBean llm = bean(Llm.class, Kind.CLASS, PORT, Set.of(), !FOLLOWED, !BEHIND);
        WiredBean another =
                bean(Another.class, Kind.CLASS, Set.of(Another.class, LlmPort.class), Set.of(), !FOLLOWED, !BEHIND);

        assertThat(new WrongWiring(List.of(llm, another)).lines())
                .singleElement()
                .asString()
                .contains(Another.class.getName() + ", " + Llm.class.getName() + ". Add")
                .endsWith("with the decorator in a beans.xml of lib/ Payara does not deploy the EAR");
    }

    private static Arguments a(
            String name,
            Kind kind,
            Set<Type> types,
            Set<Class<?>> injected,
            boolean followed,
            boolean behindAnother,
            String line) {
        return Arguments.of(name, bean(Llm.class, kind, types, injected, followed, behindAnother), line);
    }

    private static WiredBean bean(
            Class<?> beanClass,
            Kind kind,
            Set<Type> types,
            Set<Class<?>> injected,
            boolean followed,
            boolean behindAnother) {
        return new WiredBean(kind, beanClass, types, injected, followed, behindAnother, false);
    }

    private interface Llm extends LlmPort {}

    private interface Another extends LlmPort {}
}
