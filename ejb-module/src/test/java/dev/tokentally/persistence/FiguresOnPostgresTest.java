package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.Window;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A report on PostgreSQL")
class FiguresOnPostgresTest {

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    /** How many rows a part of the plan had. */
    private static final Pattern ROWS = Pattern.compile("actual time=\\S+ rows=(\\d+)");

    private static final Window WINDOW = new Window(START.plusSeconds(20_000), START.plusSeconds(30_000));

    @Test
    @DisplayName("reads only an index and not the table, for one tenant and for all, with and without a series")
    void index() throws SQLException {
        DataSource database = TestDatabases.empty(Database.POSTGRESQL);
        TestDatabases.opened(database);
        try (Connection connection = database.getConnection()) {
            fill(connection);
            List<Dimension> names = List.of(Dimension.TENANT, Dimension.OPERATION, Dimension.MODEL);

            assertThat(plan(ReportSql.figures(new UsageQuestion("tenant-3", WINDOW), names), connection))
                    .contains("Index Only Scan", "Heap Fetches: 0");
            for (Dimension group : names) {
                SeriesQuery query = new SeriesQuery(WINDOW, Bucket.DAY, ZoneId.of("UTC"), group);
                List<Instant> edges = List.of(WINDOW.from(), WINDOW.to());
                Sql series = ReportSql.series(
                        "tenant-3", query, List.of(), edges, Database.POSTGRESQL.dialect(), connection);
                assertThat(plan(series, connection)).contains("Index Only Scan", "Heap Fetches: 0");
            }
            // PostgreSQL would read and sort such a small table as a whole. The test asks whether the index would be
            // enough.
            connection.createStatement().execute("set enable_seqscan = off");
            assertThat(plan(ReportSql.figures(new UsageQuestion(null, Window.ALWAYS), names), connection))
                    .contains("Index Only Scan", "Heap Fetches: 0");
        }
    }

    @ParameterizedTest
    @DisplayName("reads the next page of calls from an index, in the order of that index")
    @ValueSource(strings = {"tenant-3", ""})
    void nextPage(String tenant) throws SQLException {
        DataSource database = TestDatabases.empty(Database.POSTGRESQL);
        TestDatabases.opened(database);
        try (Connection connection = database.getConnection()) {
            fill(connection);
            CallFilter filter = new CallFilter(Window.ALWAYS, null, null, null, null);
            CallPosition after = new CallPosition(START.plusSeconds(25_000), new UUID(0, 0));
            Sql page = ReportSql.calls(tenant.isEmpty() ? null : tenant, filter, after, 100);

            String plan = plan(page, connection);

            assertThat(plan).contains("Index Scan Backward").doesNotContain("Seq Scan", "Function Scan");
            // A part that reads more than the page does so for the calls of one instant.
            assertThat(rowsRead(plan)).as(plan).isBetween(100, 110);
        }
    }

    /** The order is not that of time, so that the calls of a tenant, and of a window, are spread over the whole table. */
    private static void fill(Connection connection) throws SQLException {
        // The library of the embedded PostgreSQL switches autovacuum off, and a vacuum cannot know yet that the rows
        // will stay.
        connection.createStatement().execute("set synchronous_commit = on");
        connection.createStatement().execute("""
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, model, input_tokens,
                    output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source, status)
                select gen_random_uuid(), gen_random_uuid(), 'tenant-' || n % 20, 'chat',
                    timestamptz '2026-03-01 00:00:00Z' + mod(n * 7919, 50000) * interval '1 second', 1, 'm', 1, 1, 0, 0, 0, 1, 'provider', 'ok'
                  from generate_series(1, 50000) n""");
        connection.createStatement().execute("vacuum analyze llm_calls");
    }

    private static int rowsRead(String plan) {
        Matcher rows = ROWS.matcher(plan);
        int most = 0;
        while (rows.find()) {
            most = Math.max(most, Integer.parseInt(rows.group(1)));
        }
        return most;
    }

    private static String plan(Sql sql, Connection connection) throws SQLException {
        try (PreparedStatement explain = Sql.of("explain analyze ").then(sql).prepare(connection);
                ResultSet lines = explain.executeQuery()) {
            List<String> plan = new ArrayList<>();
            while (lines.next()) {
                plan.add(lines.getString(1));
            }
            return String.join("\n", plan);
        }
    }
}
