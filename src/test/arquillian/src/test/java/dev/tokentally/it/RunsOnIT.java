package dev.tokentally.it;

import static dev.tokentally.it.TestServer.PAYARA_MICRO;
import static dev.tokentally.it.TestServer.PAYARA_SERVER;
import static dev.tokentally.it.TestServer.WILDFLY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A long test")
class RunsOnIT {

    static Stream<Arguments> choices() {
        return Stream.of(
                Arguments.of(Set.of(WILDFLY), List.of(PAYARA_MICRO, PAYARA_SERVER, WILDFLY), Set.of(WILDFLY)),
                Arguments.of(
                        Set.of(WILDFLY, PAYARA_MICRO),
                        List.of(PAYARA_MICRO, PAYARA_SERVER, WILDFLY),
                        Set.of(WILDFLY, PAYARA_MICRO)),
                Arguments.of(
                        Set.of(WILDFLY, PAYARA_MICRO), List.of(PAYARA_SERVER, WILDFLY), Set.of(WILDFLY, PAYARA_SERVER)),
                Arguments.of(Set.of(PAYARA_SERVER), List.of(PAYARA_MICRO, WILDFLY), Set.of(PAYARA_MICRO)),
                Arguments.of(Set.of(PAYARA_MICRO), List.of(WILDFLY), Set.of(WILDFLY)),
                Arguments.of(Set.of(WILDFLY), List.of(PAYARA_MICRO, PAYARA_SERVER), Set.of(PAYARA_MICRO)),
                Arguments.of(Set.of(WILDFLY), List.of(PAYARA_SERVER), Set.of(PAYARA_SERVER)));
    }

    @ParameterizedTest(name = "for {0} runs on {2} if {1} are tested")
    @DisplayName("that the other Payara cannot run, runs on the named servers or on another one")
    @MethodSource("choicesOfOnePayara")
    void chosenOfOnePayara(Set<TestServer> named, List<TestServer> tested, Set<TestServer> chosen) {
        assertThat(RunsOn.Condition.chosen(named, EnumSet.copyOf(tested), false))
                .isEqualTo(chosen);
    }

    static Stream<Arguments> choicesOfOnePayara() {
        return Stream.of(
                Arguments.of(Set.of(PAYARA_MICRO), List.of(PAYARA_MICRO, PAYARA_SERVER, WILDFLY), Set.of(PAYARA_MICRO)),
                Arguments.of(Set.of(PAYARA_MICRO), List.of(PAYARA_SERVER, WILDFLY), Set.of(WILDFLY)),
                Arguments.of(Set.of(WILDFLY), List.of(PAYARA_MICRO, PAYARA_SERVER, WILDFLY), Set.of(WILDFLY)),
                Arguments.of(Set.of(PAYARA_MICRO), List.of(PAYARA_SERVER), Set.of(PAYARA_SERVER)));
    }

    @ParameterizedTest(name = "for {0} runs on {2} if {1} are tested")
    @DisplayName("runs on the named servers, or on those that stand in for them, and always on one")
    @MethodSource("choices")
    void chosen(Set<TestServer> named, List<TestServer> tested, Set<TestServer> chosen) {
        assertThat(RunsOn.Condition.chosen(named, EnumSet.copyOf(tested), true)).isEqualTo(chosen);
    }
}
