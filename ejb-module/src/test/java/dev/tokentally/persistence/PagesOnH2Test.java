package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.Window;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A page of calls on H2")
class PagesOnH2Test {

    private static final int CALLS = 10_000;
    private static final int PAGE = 100;

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Pattern READ = Pattern.compile("scanCount: (\\d+)");

    @ParameterizedTest(name = "tenant {0}, from {1}, to {2}, after {3}")
    @DisplayName("costs no more than its own rows, however many are older or newer")
    @CsvSource({
        ",,,",
        "acme,,,",
        ",,,5000",
        "acme,,,5000",
        ",1000,8000,",
        "acme,1000,8000,",
        ",1000,8000,5000",
        "acme,1000,8000,5000",
        "acme,,,100000",
    })
    void reads(String tenant, Integer from, Integer to, Integer after) throws SQLException {
        DataSource database = TestDatabases.empty(Database.H2);
        TestDatabases.opened(database);
        try (Connection connection = database.getConnection()) {
            fill(connection);
            CallFilter filter = new CallFilter(new Window(instant(from), instant(to)), null, null, null, null);
            CallPosition position = after == null ? null : new CallPosition(instant(after), new UUID(0, 0));

            String plan = plan(ReportSql.calls(tenant, filter, position, PAGE), connection);

            Matcher read = READ.matcher(plan);
            assertThat(read.find()).as(plan).isTrue();
            // H2 reads one more row before it stops.
            assertThat(Integer.parseInt(read.group(1))).as(plan).isBetween(PAGE, PAGE + 1);
        }
    }

    private static Instant instant(Integer call) {
        return call == null ? null : START.plusSeconds(call);
    }

    private static void fill(Connection connection) throws SQLException {
        connection.createStatement().execute("""
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, model, input_tokens,
                    output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source, status)
                select random_uuid(), random_uuid(), case when mod(x, 2) = 0 then 'acme' else 'other' end, 'chat',
                    dateadd(second, x, timestamp with time zone '2026-03-01 00:00:00Z'), 1, 'm', 1, 1, 0, 0, 0, 1, 'provider',
                    'ok' from system_range(1, %d)""".replace("%d", Integer.toString(CALLS)));
        connection.createStatement().execute("analyze");
    }

    private static String plan(Sql sql, Connection connection) throws SQLException {
        try (PreparedStatement explain = Sql.of("explain analyze ").then(sql).prepare(connection);
                ResultSet plan = explain.executeQuery()) {
            plan.next();
            return plan.getString(1);
        }
    }
}
