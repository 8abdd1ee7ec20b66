package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnOneJdk
@DisplayName("The statements of docs/operations.md")
class OperationsSqlTest {

    private static final Pattern REMOVAL =
            Pattern.compile("## Removing the module.*?```sql\\R(.*?)```.*?```sql\\R(.*?)```", Pattern.DOTALL);

    private static final Pattern EXPORT = Pattern.compile("copy \\((select [^)]*)\\) to");

    private static final String IN_POSTGRESQL = """
            select cast(relname as text) from pg_class where relnamespace = 'public'::regnamespace
            union all select proname from pg_proc where pronamespace = 'public'::regnamespace
            union all select typname from pg_type where typnamespace = 'public'::regnamespace
            union all select tgname from pg_trigger""";

    private static final String IN_H2 = """
            select table_name from information_schema.tables where table_schema = 'PUBLIC'
            union all select index_name from information_schema.indexes where table_schema = 'PUBLIC'
            union all select sequence_name from information_schema.sequences where sequence_schema = 'PUBLIC'
            union all select trigger_name from information_schema.triggers
            union all select routine_name from information_schema.routines where routine_schema = 'PUBLIC'""";

    @ParameterizedTest(name = "{0}")
    @EnumSource(Database.class)
    @DisplayName("that remove the module leave nothing behind")
    void nothing(Database kind) throws Exception {
        DataSource database = TestDatabases.withTables(kind);
        String objects =
                switch (kind) {
                    case H2 -> IN_H2;
                    case POSTGRESQL -> IN_POSTGRESQL;
                };
        Store store = TestDatabases.opened(database);
        new JpaUsageRepository(store).store(Calls.metered("acme", Instant.EPOCH));
        assertThat(new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate()).isTrue();
        // Only a conversion that was killed leaves it.
        TestDatabases.execute(database, "create table llm_calls_beyond as select * from llm_calls");
        assertThat(names(objects, database))
                .hasSizeGreaterThan(15)
                .containsAll(
                        switch (kind) {
                            case H2 -> List.of();
                            case POSTGRESQL -> List.of("llm_calls_first", "tokentally_mark", "tokentally_marks_insert");
                        });

        run(kind, database);

        assertThat(names(objects, database)).isEmpty();
    }

    @Test
    @DisplayName("that export a month find all of its calls, and no others, in the first partition, too")
    void month() throws Exception {
        DataSource database = TestDatabases.withTables(Database.POSTGRESQL);
        JpaUsageRepository repository = new JpaUsageRepository(TestDatabases.opened(database));
        for (String startedAt : List.of(
                "2026-07-31T23:59:59.999999Z",
                "2026-08-01T00:00:00Z",
                "2026-08-31T23:59:59.999999Z",
                "2026-09-01T00:00:00Z")) {
            repository.store(Calls.ok(startedAt, Instant.parse(startedAt)));
        }
        Matcher export = EXPORT.matcher(document());
        assertThat(export.find()).isTrue();

        assertThat(names("select tenant_id from (" + export.group(1) + ") exported order by started_at", database))
                .containsExactly("2026-08-01T00:00:00Z", "2026-08-31T23:59:59.999999Z");
    }

    private static String document() throws IOException {
        return Files.readString(Path.of("../docs/operations.md"));
    }

    private static List<String> names(String query, DataSource database) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Connection connection = database.getConnection();
                ResultSet rows = connection.createStatement().executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /** As psql and H2's tools do: each statement by itself. */
    private static void run(Database kind, DataSource database) throws IOException, SQLException {
        Matcher blocks = REMOVAL.matcher(document());
        assertThat(blocks.find()).isTrue();
        String statements = blocks.group(1)
                + switch (kind) {
                    case H2 -> "";
                    case POSTGRESQL -> blocks.group(2);
                };
        for (String statement : statements.replaceAll("--.*", "").split(";")) {
            if (!statement.isBlank()) {
                TestDatabases.execute(database, statement);
            }
        }
    }
}
