package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.UsageStoreException;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Once the table is partitioned, a search by the id alone reads every partition. */
@OnOneJdk
@DisplayName("A statement on PostgreSQL that searches for a call")
class PostgresSearchesTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00.123456Z");

    @AfterEach
    void useTheUsualProvider() {
        TestDatabases.provider = TestDatabases.USUAL_PROVIDER;
    }

    @ParameterizedTest(name = "through {0}")
    @DisplayName("has tenant and start beside the id, in all operations of the store")
    @ValueSource(strings = {"eclipselink", "hibernate"})
    void sent(String provider) throws UsageStoreException {
        TestDatabases.provider = provider;
        Watching database = new Watching(TestDatabases.empty(Database.POSTGRESQL));
        Store store = TestDatabases.opened(database);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        CallRecord first = Calls.ok("acme", NOW);
        CallRecord second = Calls.failed("acme", NOW.plusSeconds(1));

        repository.check();
        repository.store(first);
        repository.storeAgain(first);
        repository.storeAll(List.of(first, second));
        repository.storeAll(List.of(first, second));
        CallRecord free = new CallRecord(
                Calls.ok("acme", NOW).id(),
                first.origin(),
                first.timing(),
                first.usage(),
                new Cost(new BigDecimal("0E-10"), CostSource.NONE),
                first.outcome());
        repository.store(free);
        new JpaUsageRepricing(store)
                .reprice(
                        List.of(new CostChange(free, new Cost(new BigDecimal("0.5000000000"), CostSource.PRICE_LIST))));
        Reports.latest(store, "acme", 2);

        assertThat(database.statements)
                .anyMatch(PostgresSearchesTest::looksForACall)
                .anyMatch(sql -> sql.toLowerCase().contains("insert into llm_calls"))
                .noneMatch(PostgresSearchesTest::breaksTheRule);
    }

    @Test
    @DisplayName("has tenant and start beside the id, in all constants of the package")
    void written() throws ReflectiveOperationException {
        List<String> statements = constants();

        assertThat(statements)
                .anyMatch(PostgresSearchesTest::looksForACall)
                .noneMatch(PostgresSearchesTest::breaksTheRule);
    }

    @ParameterizedTest
    @DisplayName("breaks the rule without tenant and start")
    @ValueSource(
            strings = {
                "select 1 from llm_calls where id = ?",
                "select c.id from llm_calls c where c.id in (?, ?) and c.started_at = ?",
                "UPDATE LLM_CALLS SET COST_USD = ? WHERE (ID = ?)",
                "delete from llm_calls where tenant_id = ? and id = any (?)",
                "update llm_calls l set tenant_id = ?, started_at = ? where l.id=?",
                "select l.* from unnest(?) as asked (id, tenant_id, started_at) join llm_calls l using (id)",
            })
    void broken(String sql) {
        assertThat(breaksTheRule(sql)).isTrue();
    }

    @ParameterizedTest
    @DisplayName("keeps the rule with them, and so does a statement that does not search for a single call")
    @ValueSource(
            strings = {
                "select 1 from llm_calls where tenant_id = ? and started_at = ? and id = ?",
                "select id from llm_calls where tenant_id = ? and (started_at, id) < (?, ?) order by started_at, id",
                "select 1 from llm_calls where call_id = ? and tenant_id = ?",
                "update llm_calls l set cost_usd = ? from asked a where l.id = a.id and l.tenant_id = a.tenant_id"
                        + " and l.started_at = a.started_at",
                "insert into llm_calls (id, tenant_id) values (?, ?)",
            })
    void kept(String sql) {
        assertThat(breaksTheRule(sql)).isFalse();
    }

    private static final Pattern CONDITIONS = Pattern.compile("(?is)\\b(where|on|using)\\b.*");

    private static boolean looksForACall(String sql) {
        return sql.toLowerCase().contains("llm_calls") && compares("id", sql);
    }

    private static boolean breaksTheRule(String sql) {
        return looksForACall(sql) && !(compares("tenant_id", sql) && compares("started_at", sql));
    }

    /**
     * Looks only after a where, an on or a using, so that columns that are set or listed do not count. The id of a call is no number.
     */
    private static boolean compares(String column, String sql) {
        var conditions = CONDITIONS.matcher(sql);
        return conditions.find()
                && Pattern.compile("(?i)\\b" + column + "\\s*(=(?!\\s*\\d)|\\bin\\b)|\\busing\\s*\\([^)]*\\b" + column
                                + "\\b")
                        .matcher(conditions.group())
                        .find();
    }

    /** H2's statements are left out: H2 searches conflicts by the id alone, since its table has no partitions. */
    private static List<String> constants() throws ReflectiveOperationException {
        List<String> constants = new ArrayList<>();
        for (JavaClass room : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.tokentally.persistence")) {
            if (room.getSimpleName().startsWith("H2D")) {
                continue;
            }
            for (JavaField constant : room.getFields()) {
                if (constant.getModifiers().contains(JavaModifier.STATIC)
                        && constant.getRawType().isEquivalentTo(String.class)) {
                    Field field = constant.reflect();
                    field.setAccessible(true);
                    constants.add((String) field.get(null));
                }
            }
        }
        return constants;
    }
}
