package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.Window;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@OnOneJdk
@DisplayName("Rollups in a small heap")
class RollupMemoryTest {

    private static final String ID = "7f1d0a52-55f4-4f0a-9a53-3c3f0a1c1d11";

    /** A call a second under one id, in one quarter 30,000 more, and a few calls of another tenant. */
    private static final String CALLS = """
            insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                                   input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens,
                                   cost_usd, cost_source, status)
            select gen_random_uuid(), case when i % 5000 = 0 then gen_random_uuid() else uuid 'ID' end,
                   case when i % 5000 = 0 then 'other' else 'acme' end, 'chat',
                   date_trunc('month', now()) - interval '20 days' + (case when i > 120000 then 0 else i end) * interval '1 second',
                   i % 3000, 'openai', 'gpt-4o', i % 700, i % 300, 0, 0, 0, i % 7, 'price-list', 'ok'
              from generate_series(1, 150000) i""".replace("ID", ID);

    @Test
    @DisplayName(
            "are made, also those of a tenant that sends the same call id with each call, and reports have all calls")
    void repeatedId() throws Exception {
        PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.withTables(Database.POSTGRESQL);
        TestDatabases.execute(database, CALLS);

        Process process = SmallHeap.start(
                "48m", Making.class, Integer.toString(database.getPortNumbers()[0]), database.getDatabaseName());
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(said.strip()).endsWith("made: true");
        assertThat(said)
                .containsOnlyOnce("kept in parts")
                .contains("tenant acme", "of its calls have the call id " + ID)
                .doesNotContain("OutOfMemoryError");
        assertThat(count("unit = 0 and tenant_id = 'acme' and length(cell) = 5", database))
                .isEqualTo(1);
        assertThat(count("unit > 2", database)).isPositive();
        assertThat(count("unit = 2 and tenant_id = 'acme' and length(cell) = 5", database))
                .isEqualTo(1);
        assertThat(count("unit = 2 and tenant_id = 'other' and length(cell) > 5", database))
                .isEqualTo(1);
        UsageReports fromRollups = Reports.of(TestDatabases.opened(database));
        Store without = TestDatabases.store(Map.of("tokentally.rollups", "false"));
        without.open(database);
        UsageReports fromCalls = Reports.of(without, Map.of("tokentally.rollups", "false"));
        for (Dimension dimension : List.of(Dimension.TENANT, Dimension.MODEL)) {
            UsageQuestion question = new UsageQuestion(null, Window.ALWAYS).by(dimension);
            SameFigures.checkExactly("", fromRollups.report(question), fromCalls.report(question));
        }
        SeriesQuery series = new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneOffset.UTC, null);
        SameFigures.checkExactly("", fromRollups.seriesOfAll(series), fromCalls.seriesOfAll(series));
    }

    private static long count(String which, DataSource database) throws SQLException {
        return TestDatabases.count(database, "select count(*) from tokentally_rollups where " + which);
    }

    /** Runs in a process of its own. */
    static final class Making {

        private Making() {}

        public static void main(String[] arguments) throws Exception {
            PGSimpleDataSource database = new PGSimpleDataSource();
            database.setServerNames(new String[] {"localhost"});
            database.setPortNumbers(new int[] {Integer.parseInt(arguments[0])});
            database.setDatabaseName(arguments[1]);
            database.setUser("postgres");
            Store store = TestDatabases.opened(database);
            System.out.println("made: " + new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate());
        }
    }
}
