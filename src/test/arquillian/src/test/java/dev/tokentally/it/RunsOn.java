package dev.tokentally.it;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Marks a test that takes long and finds nearly the same on each server. A usual build runs it on the named servers only,
 * and {@code mvn -Peverything verify} on all. If a named Payara is not tested, the other one stands in for it. If no named
 * server is tested, the first of those that are tested runs the test.
 */
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ExtendWith(RunsOn.Condition.class)
@interface RunsOn {

    /** The servers of a usual build. */
    TestServer[] value();

    /** Whether the other Payara may stand in for a named one. */
    boolean otherPayara() default true;

    /** Whether a test runs on the server of this run. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return AnnotationSupport.findAnnotation(context.getElement(), RunsOn.class)
                    .filter(runsOn -> !isOn(Set.of(runsOn.value()), runsOn.otherPayara()))
                    .map(runsOn -> ConditionEvaluationResult.disabled("runs on "
                            + Arrays.stream(runsOn.value())
                                    .map(TestServer::title)
                                    .collect(Collectors.joining(" and "))
                            + "; mvn -Peverything verify runs it on "
                            + TestServer.current().title() + ", too"))
                    .orElse(ConditionEvaluationResult.enabled("runs on this server"));
        }

        /** Whether tests for the named servers run on the server of this run. */
        static boolean isOn(Set<TestServer> named, boolean otherPayara) {
            return Boolean.parseBoolean(Settings.text("on-each-server"))
                    || chosen(named, tested(), otherPayara).contains(TestServer.current());
        }

        private static Set<TestServer> tested() {
            Set<String> ids = Set.of(Settings.text("servers").split(","));
            return Stream.of(TestServer.values())
                    .filter(server -> ids.contains(server.id()))
                    .collect(Collectors.toCollection(() -> EnumSet.noneOf(TestServer.class)));
        }

        static Set<TestServer> chosen(Set<TestServer> named, Set<TestServer> tested, boolean otherPayara) {
            Set<TestServer> usable = EnumSet.copyOf(tested);
            if (!otherPayara) {
                named.stream()
                        .map(TestServer::otherPayara)
                        .filter(other -> !named.contains(other))
                        .forEach(usable::remove);
            }
            Set<TestServer> found = EnumSet.noneOf(TestServer.class);
            for (TestServer server : named) {
                TestServer other = server.otherPayara();
                if (usable.contains(server)) {
                    found.add(server);
                } else if (usable.contains(other)) {
                    found.add(other);
                }
            }
            return found.isEmpty()
                    ? Stream.concat(usable.stream(), tested.stream()).limit(1).collect(Collectors.toSet())
                    : found;
        }
    }
}
