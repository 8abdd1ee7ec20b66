package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.OnOneJdk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@OnOneJdk
@DisplayName("An upgrade on H2 whose process was killed after a statement of a script")
class H2HalfScriptsTest {

    private static final int ROWS = 20;

    /** By version. A script that is new belongs here. */
    private static final Map<Integer, String> SCRIPTS = new TreeMap<>(Map.of(
            1, "schema/V1__llm_calls.sql",
            2, "schema-h2/V2__newest_calls_first.sql",
            4, "schema-h2/V4__meters.sql",
            5, "schema-h2/V5__nodes.sql",
            6, "schema-h2/V6__attributes.sql",
            7, "schema-h2/V7__erasures.sql",
            8, "schema-h2/V8__rollups.sql"));

    static Stream<Arguments> statements() {
        return SCRIPTS.keySet().stream().flatMap(version -> {
            int statements = statements(version).size();
            return Stream.iterate(1, count -> count <= statements, count -> count + 1)
                    .map(count -> Arguments.of(version, count));
        });
    }

    @ParameterizedTest(name = "V{0} after {1}")
    @DisplayName("goes on at the next start, with the same tables and rows as without the kill")
    @MethodSource("statements")
    void killed(int version, int count) throws Exception {
        DataSource database = interrupted(version, count);

        upgrade(database);

        assertThat(tables(database)).isEqualTo(tables(uninterrupted()));
        assertThat(rows(database)).isEqualTo(version == 1 ? 0 : ROWS);
    }

    @ParameterizedTest(name = "V{0} after {1}")
    @DisplayName("goes on even if a start of an earlier build has failed meanwhile and has written that down")
    @MethodSource("statements")
    void failedMeanwhile(int version, int count) throws Exception {
        DataSource database = interrupted(version, count);
        try {
            OldRelease.make("8", Database.H2, database);
        } catch (FlywayException failed) {
            assertThat(failed).hasMessageContaining("V" + version + "__");
        }

        upgrade(database);

        assertThat(tables(database)).isEqualTo(tables(uninterrupted()));
        assertThat(rows(database)).isEqualTo(version == 1 ? 0 : ROWS);
    }

    @Test
    @DisplayName("knows every script")
    void allScripts() {
        assertThat(SCRIPTS).hasSize(Integer.parseInt(Schema.NEWEST) - 1);
        assertThat(uninterrupted()).isNotNull();
    }

    @Test
    @DisplayName("drops no table of somebody else, and no value that somebody has written")
    void ofSomebodyElse() throws Exception {
        DataSource others = TestDatabases.empty(Database.H2);
        TestDatabases.execute(others, "create table llm_calls (id uuid)");
        assertThatThrownBy(() -> upgrade(others)).isNotNull();
        assertThatThrownBy(() -> upgrade(others)).isNotNull();
        assertThat(rows(others)).isZero();

        DataSource written = interrupted(4, 1);
        TestDatabases.execute(written, "update llm_calls set meters = 'web_searches=1' where tenant_id = 't1'");
        assertThatThrownBy(() -> upgrade(written)).isNotNull();
        assertThat(TestDatabases.count(written, "select count(*) from llm_calls where meters <> ''"))
                .isEqualTo(1);
    }

    /** Tables of the version before, with rows, on which so many statements of the script have run. */
    private static DataSource interrupted(int version, int count) throws Exception {
        DataSource database = TestDatabases.empty(Database.H2);
        if (version == 1) {
            // Flyway has made its history before.
            OldRelease.make("1", Database.H2, database);
            TestDatabases.execute(database, "drop table llm_calls");
            TestDatabases.execute(database, "delete from \"tokentally_schema_history\"");
        } else {
            int before = version == 4 ? 2 : version - 1;
            OldRelease.make(Integer.toString(before), Database.H2, database);
            OldRelease.insert(ROWS, Database.H2, database);
        }
        for (String statement : statements(version).subList(0, count)) {
            TestDatabases.execute(database, statement);
        }
        return database;
    }

    private static DataSource uninterrupted() {
        DataSource database = TestDatabases.empty(Database.H2);
        OldRelease.make("8", Database.H2, database);
        return database;
    }

    private static void upgrade(DataSource database) throws Exception {
        try (Connection connection = database.getConnection()) {
            new Schema(database, Database.H2.dialect(), false).migrate(connection);
        }
    }

    private static List<String> statements(int version) {
        try (InputStream in = H2HalfScriptsTest.class.getResourceAsStream("/dev/tokentally/" + SCRIPTS.get(version))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("(?m)^--.*$", "");
            return Stream.of(text.split(";"))
                    .map(String::strip)
                    .filter(statement -> !statement.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The statements that would make the tables, without the history. */
    private static List<String> tables(DataSource database) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet script = statement.executeQuery("script nodata")) {
            while (script.next()) {
                if (!script.getString(1).startsWith("--")) {
                    lines.add(script.getString(1));
                }
            }
        }
        lines.removeIf(line -> line.contains("tokentally_schema_history"));
        lines.sort(null);
        return lines;
    }

    private static long rows(DataSource database) throws SQLException {
        return TestDatabases.count(database, "select count(*) from llm_calls");
    }
}
