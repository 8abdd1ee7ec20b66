package dev.tokentally.web;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;

/** The rooms of the web module, and which rooms of the EJB module each of them may enter. */
@AnalyzeClasses(packages = "dev.tokentally.web", importOptions = ImportOption.DoNotIncludeTests.class)
class WebHouseRulesTest {

    @ArchTest
    static final ArchRule JSON_KNOWS_NOBODY = room("json");

    @ArchTest
    static final ArchRule PROBLEM = room("problem", "web.json");

    @ArchTest
    static final ArchRule BODY = room("body", "web.problem");

    @ArchTest
    static final ArchRule HTTP = room("http", "web.problem");

    @ArchTest
    static final ArchRule KEY = room("key", "web.body", "web.json", "web.problem", "scope", "usage");

    @ArchTest
    static final ArchRule PAGE = room("page", "web.http", "web.json");

    @ArchTest
    static final ArchRule MODEL = room("model", "llm", "langchain4j");

    @ArchTest
    static final ArchRule COMPLETION = room(
            "completion",
            "web.body",
            "web.json",
            "web.problem",
            "llm",
            "langchain4j",
            "scope",
            "pricing",
            "tracking",
            "usage");

    @ArchTest
    static final ArchRule USAGE = room("usage", "web.http", "web.json", "web.key", "web.problem", "usage");

    @ArchTest
    static final ArchRule PRICING =
            room("pricing", "web.body", "web.json", "web.key", "web.problem", "llm", "pricing", "usage");

    @ArchTest
    static final ArchRule RECORDING =
            room("recording", "web.http", "web.json", "web.key", "web.problem", "web.usage", "recording", "usage");

    @ArchTest
    static final ArchRule ERASURE =
            room("erasure", "web.body", "web.json", "web.key", "web.problem", "recording", "usage");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.tokentally.web.(*)..").should().beFreeOfCycles();

    /** The API asks for reports through ports. */
    @ArchTest
    static final ArchRule NO_SQL = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.tokentally.persistence..",
                    "java.sql..",
                    "javax.sql..",
                    "org.flywaydb..",
                    "jakarta.persistence..");

    /** The same WAR runs on every server. */
    @ArchTest
    static final ArchRule THE_PLATFORM_ALONE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.glassfish..", "org.jboss..", "io.smallrye..", "fish.payara..", "org.eclipse.persistence..");

    @ArchTest
    static final ArchRule LOGGING_OF_THE_JDK = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.apache.logging..");

    /** It interrupts the thread, which may be writing a record. */
    @ArchTest
    static final ArchRule NO_TIMEOUT_AROUND_A_WRITE = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.eclipse.microprofile.faulttolerance.Timeout");

    private static ArchRule room(String room, String... neighbours) {
        String[] allowed = Stream.concat(Stream.of("web." + room, "config", "text"), Stream.of(neighbours))
                .map(each -> "dev.tokentally." + each + "..")
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage("dev.tokentally.web." + room + "..")
                .should()
                .onlyDependOnClassesThat(
                        DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.tokentally.."))
                                .or(JavaClass.Predicates.resideInAnyPackage(allowed)));
    }
}
