package dev.tokentally.langchain4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.UUID;

/** The rooms of the EJB module that the LangChain4j module may use, and the parts of LangChain4j on which it may rely. */
@AnalyzeClasses(packages = "dev.tokentally.langchain4j", importOptions = ImportOption.DoNotIncludeTests.class)
class LangChain4jHouseRulesTest {

    /** Calls go to tracking, which hands them on. */
    @ArchTest
    static final ArchRule ENDS_AT_TRACKING = classes()
            .should()
            .onlyDependOnClassesThat(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.tokentally.."))
                    .or(JavaClass.Predicates.resideInAnyPackage(
                            "dev.tokentally.langchain4j..",
                            "dev.tokentally.config..",
                            "dev.tokentally.text..",
                            "dev.tokentally.llm..",
                            "dev.tokentally.scope..",
                            "dev.tokentally.tracking..")));

    /** An application has only the models of the providers that it chose. */
    @ArchTest
    static final ArchRule NO_PROVIDER_S_CLASSES = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.langchain4j.model.openai..",
                    "dev.langchain4j.model.anthropic..",
                    "dev.langchain4j.model.googleai..",
                    "dev.langchain4j.model.mistralai..",
                    "dev.langchain4j.model.bedrock..",
                    "dev.langchain4j.model.azure..",
                    "dev.langchain4j.service..",
                    "software.amazon.awssdk..");

    /** A model that does not speak HTTP comes without LangChain4j's HTTP client. */
    @ArchTest
    static final ArchRule HTTP_IN_ONE_CLASS = noClasses()
            .that()
            .haveNameNotMatching(".*\\.WatchedHttp(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.langchain4j.http..");

    @ArchTest
    static final ArchRule NO_SQL = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "jakarta.persistence..");

    @ArchTest
    static final ArchRule LOGGING_OF_THE_JDK = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.apache.logging..");

    /** A handler of the server's log may throw, which must reach neither a call nor its record. */
    @ArchTest
    static final ArchRule LOGS_ARE_QUIET = noClasses().should().callMethod(System.class, "getLogger", String.class);

    /** Two copies of a process would create the same value, see UniqueIds in the EJB module. */
    @ArchTest
    static final ArchRule IDS_DIFFER_BETWEEN_COPIES = noClasses().should().callMethod(UUID.class, "randomUUID");
}
