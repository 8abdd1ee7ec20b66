package dev.tokentally;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@OnOneJdk
@DisplayName("A house rule")
class HouseRulesFailTest {

    private static final JavaClasses BREACHES = new ClassFileImporter().importPackages("dev.tokentally.breaches");

    static Stream<Arguments> rules() {
        return Stream.of(
                Arguments.of(HouseRulesTest.JDBC_WRITES_NOTHING, "writesByJdbc", "executeUpdate"),
                Arguments.of(HouseRulesTest.JDBC_WRITES_NOTHING, "writesABatchByJdbc", "addBatch"),
                Arguments.of(HouseRulesTest.JDBC_WRITES_NOTHING, "writesABatchByJdbc", "executeBatch"),
                Arguments.of(HouseRulesTest.JDBC_CHANGES_TABLES_ONLY, "changesTables", "execute"),
                Arguments.of(HouseRulesTest.ENTITIES_ARE_ONLY_PERSISTED, "findsAnEntity", "find"),
                Arguments.of(HouseRulesTest.ENTITIES_ARE_ONLY_PERSISTED, "mergesAnEntity", "merge"),
                Arguments.of(HouseRulesTest.LOGS_ARE_QUIET, "logsAloud", "getLogger"),
                Arguments.of(HouseRulesTest.SQL_IN_ONE_ROOM, "writesByJdbc", "executeUpdate"));
    }

    @ParameterizedTest(name = "{1} calls {2}")
    @DisplayName("finds who breaks it")
    @MethodSource("rules")
    void findsTheBreach(ArchRule rule, String method, String called) {
        assertThat(rule.evaluate(BREACHES).getFailureReport().getDetails())
                .anyMatch(line -> line.contains("." + method + "(") && line.contains("." + called + "("));
    }
}
