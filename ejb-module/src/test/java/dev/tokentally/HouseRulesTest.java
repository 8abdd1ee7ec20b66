package dev.tokentally;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.decorator.Decorator;
import jakarta.interceptor.Interceptor;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.io.Serializable;
import java.sql.Statement;
import java.util.Set;
import java.util.UUID;

/** The rooms of the house, and which room may use which. */
@AnalyzeClasses(packages = "dev.tokentally", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseRulesTest {

    @ArchTest
    static final ArchRule TEXT_KNOWS_NOBODY = room("text");

    @ArchTest
    static final ArchRule TIME_KNOWS_NOBODY = room("time");

    @ArchTest
    static final ArchRule LLM_KNOWS_NOBODY = room("llm");

    @ArchTest
    static final ArchRule SCOPE_KNOWS_NOBODY = room("scope");

    @ArchTest
    static final ArchRule USAGE_KNOWS_NOBODY = room("usage");

    @ArchTest
    static final ArchRule CONFIG_KNOWS_NOBODY = room("config");

    @ArchTest
    static final ArchRule HEALTH_KNOWS_NOBODY = room("health");

    @ArchTest
    static final ArchRule PRICING = room("pricing", "usage", "llm");

    @ArchTest
    static final ArchRule RECORDING = room("recording", "usage", "health");

    @ArchTest
    static final ArchRule PERSISTENCE = room("persistence", "usage");

    @ArchTest
    static final ArchRule TRACKING = room("tracking", "llm", "scope", "usage", "pricing", "recording");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.tokentally.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule DOMAIN_WITHOUT_PLATFORM = noClasses()
            .that()
            .resideInAPackage("dev.tokentally.usage..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta..", "org.eclipse.microprofile..", "java.sql..", "javax.sql..");

    @ArchTest
    static final ArchRule SQL_IN_ONE_ROOM = noClasses()
            .that()
            .resideOutsideOfPackage("dev.tokentally.persistence..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.flywaydb..", "jakarta.persistence..");

    /**
     * Writes go through the EntityManager, in transactions of their own; SQL by JDBC only reads. Rollups are made from one state of
     * the calls, which JPA cannot ask for, and are made again if they are lost.
     */
    @ArchTest
    static final ArchRule JDBC_WRITES_NOTHING = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.tokentally.persistence.RollupStatements")
            .and()
            .doNotHaveFullyQualifiedName("dev.tokentally.persistence.IntervalCells$CellInserts")
            .should()
            .callMethodWhere(target(owner(assignableTo(Statement.class)))
                    .and(target(
                            nameMatching("executeUpdate|executeLargeUpdate|executeBatch|executeLargeBatch|addBatch"))));

    /** No thread of a caller reaches a write today. If one does some day, its transaction must not be joined. */
    @ArchTest
    static final ArchRule WRITES_IN_NEW_TRANSACTIONS = methods()
            .that()
            .areAnnotatedWith(Transactional.class)
            .should(ArchCondition.from(DescribedPredicate.describe(
                    "begin a transaction of their own, or put the caller's aside",
                    method -> Set.of(TxType.REQUIRES_NEW, TxType.NOT_SUPPORTED)
                            .contains(method.getAnnotationOfType(Transactional.class)
                                    .value()))));

    /** JDBC changes settings and tables only in the classes that are responsible for them. */
    @ArchTest
    static final ArchRule JDBC_CHANGES_TABLES_ONLY = noClasses()
            .that()
            .doNotHaveSimpleName("H2Durability")
            .and()
            .doNotHaveSimpleName("H2HalfScripts")
            .and()
            .doNotHaveSimpleName("LongSteps")
            .and()
            .doNotHaveSimpleName("PostgresRetention")
            .and()
            .doNotHaveSimpleName("Snapshot")
            .should()
            .callMethodWhere(target(owner(assignableTo(Statement.class))).and(target(name("execute"))));

    /** A search by id alone reads every partition. So entities are only persisted, and never found or merged. */
    @ArchTest
    static final ArchRule ENTITIES_ARE_ONLY_PERSISTED = noClasses()
            .should()
            .callMethodWhere(target(owner(assignableTo(EntityManager.class)))
                    .and(target(nameMatching("find|getReference|merge|refresh|remove|lock|detach"))));

    /** HibernateLog writes no lines; it filters Hibernate's. */
    @ArchTest
    static final ArchRule LOGGING_OF_THE_JDK = noClasses()
            .that()
            .haveNameNotMatching(".*\\.HibernateLog(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.apache.logging..");

    /** A handler of the server's log may throw, which must reach neither a call nor its record, and must end no thread. */
    @ArchTest
    static final ArchRule LOGS_ARE_QUIET = noClasses()
            .that()
            .resideOutsideOfPackage("dev.tokentally.text..")
            .should()
            .callMethod(System.class, "getLogger", String.class);

    /** Two copies of a process would create the same values, see UniqueIds. */
    @ArchTest
    static final ArchRule IDS_DIFFER_BETWEEN_COPIES = noClasses()
            .that()
            .resideInAnyPackage("dev.tokentally.scope..", "dev.tokentally.tracking..", "dev.tokentally.recording..")
            .should()
            .callMethod(UUID.class, "randomUUID");

    /** An application with a decorated or intercepted bean in its HTTP session cannot be deployed otherwise. */
    @ArchTest
    static final ArchRule WRITTEN_WITH_A_SESSION = classes()
            .that()
            .areAnnotatedWith(Decorator.class)
            .or()
            .areAnnotatedWith(Interceptor.class)
            .should()
            .beAssignableTo(Serializable.class);

    /** Otherwise the call may be given up while its end is being told. No test can make that happen. */
    @ArchTest
    static final ArchRule WATCHED_TO_THE_END = methods()
            .that()
            .areDeclaredInClassesThat()
            .haveSimpleName("WatchedCall")
            .and()
            .haveNameMatching("firstToken|mayBeBilled|returned|failed")
            .should(ArchCondition.from(DescribedPredicate.describe(
                    "keep their object until they end", method -> method.getMethodCallsFromSelf().stream()
                            .anyMatch(call -> call.getTarget().getName().equals("reachabilityFence")))));

    /** It would interrupt the thread that writes, and H2 then closes its file. */
    @ArchTest
    static final ArchRule NO_TIMEOUT_AROUND_A_WRITE = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.eclipse.microprofile.faulttolerance.Timeout");

    private static ArchRule room(String room, String... neighbours) {
        String[] allowed = new String[neighbours.length + 4];
        allowed[0] = "dev.tokentally." + room + "..";
        allowed[1] = "dev.tokentally.config..";
        allowed[2] = "dev.tokentally.text..";
        allowed[3] = "dev.tokentally.time..";
        for (int i = 0; i < neighbours.length; i++) {
            allowed[i + 4] = "dev.tokentally." + neighbours[i] + "..";
        }
        DescribedPredicate<JavaClass> ours = JavaClass.Predicates.resideInAPackage("dev.tokentally..");
        return classes()
                .that()
                .resideInAPackage("dev.tokentally." + room + "..")
                .should()
                .onlyDependOnClassesThat(
                        DescribedPredicate.not(ours).or(JavaClass.Predicates.resideInAnyPackage(allowed)));
    }
}
