package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A measurement that is not part of the build, of every report and series over a million calls and over ten million, from the
 * calls alone ({@link RollupsBenchmark} measures them from rollups). It
 * compares them with the time that PostgreSQL takes to find and count the same calls. {@code -Dtokentally.benchmark.rows}
 * replaces the ten million, and {@code -Dtokentally.benchmark.plans=true} also writes PostgreSQL's plans.
 */
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@EnabledIfSystemProperty(named = "server", matches = "payara-micro", disabledReason = "one server shows it")
@DisplayName("Reports over many rows in PostgreSQL, over HTTP")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class ReportsBenchmark {

    private static final long ROWS_OF_GOALS = 10_000_000;
    private static final long ROWS = Long.getLong("tokentally.benchmark.rows", ROWS_OF_GOALS);

    private static final int WARM_UPS = 3;
    private static final int ROUNDS = 5;

    /** The goals for a report with its figures. */
    private static final Map<String, Double> NANOS_OF_GOALS =
            Map.of(ManyCalls.TYPICAL_TENANT, 150e6, ManyCalls.LARGEST_TENANT, 1.2e9);

    private static final int SERVICE_UNAVAILABLE = 503;

    private static Plans plans;

    private final BenchmarkTable table = new BenchmarkTable("40-reports");

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres postgres = Postgres.started();
        plans = Boolean.getBoolean("tokentally.benchmark.plans") ? Plans.of(postgres) : null;
        return Reports.productOn(
                DataSources.POSTGRES,
                Stream.of(ManyCalls.TYPICAL_TENANT, ManyCalls.LARGEST_TENANT),
                Map.of("tokentally.rollups", "false"));
    }

    @AfterAll
    static void empty() {
        Postgres.started().execute("truncate llm_calls");
    }

    @Test
    @DisplayName("every report and series over 30 days, for a typical and the largest tenant and for all")
    void reports() throws Exception {
        for (long rows : new long[] {ROWS / 10, ROWS}) {
            ManyCalls.replaceAll(Postgres.started(), rows);
            for (String tenant : List.of(ManyCalls.TYPICAL_TENANT, ManyCalls.LARGEST_TENANT)) {
                measure(tenant, rows);
            }
            for (Question question : Question.ofAll()) {
                measureOnce(question, rows);
            }
            table.write();
        }
        if (plans != null) {
            writePlans();
        }
    }

    private void measure(String tenant, long rows) throws SQLException {
        List<Question> questions = Question.of(tenant);
        Map<Question, Rounds> times = new LinkedHashMap<>();
        questions.forEach(question -> times.put(question, Rounds.nanos()));
        Rounds counting = Rounds.nanos();
        long calls = 0;
        try (Connection connection =
                DriverManager.getConnection(Postgres.started().jdbcUrl())) {
            for (int round = -WARM_UPS; round < ROUNDS; round++) {
                long start = System.nanoTime();
                calls = count(tenant, connection);
                if (round >= 0) {
                    counting.add(System.nanoTime() - start);
                }
                for (Question question : questions) {
                    double took = time(question);
                    if (round >= 0) {
                        times.get(question).add(took);
                    }
                }
            }
        }
        JsonObject usage =
                Corpus.json(Asked.answer(tenant, questions.get(0).in30Days())).asJsonObject();
        assertThat(calls(usage)).isEqualTo(calls);

        String beside =
                String.format(Locale.ROOT, "PostgreSQL finds, counts and sums its %,d calls: %s", calls, counting);
        times.forEach((question, took) -> {
            if (question.isReport() && rows == ROWS_OF_GOALS) {
                double goal = NANOS_OF_GOALS.get(tenant);
                table.add(
                        question.name(),
                        where(rows),
                        took,
                        beside,
                        took.ratioTo(counting),
                        goal < 1e9 ? "≤ 150 ms" : "≤ 1.2 s",
                        took.median() <= goal);
            } else {
                table.add(question.name(), where(rows), took, beside, took.ratioTo(counting));
            }
        });
    }

    /** Asks over all tenants, which takes long. */
    private void measureOnce(Question question, long rows) throws SQLException {
        Rounds took = Rounds.nanos();
        Rounds counting = Rounds.nanos();
        long calls;
        try (Connection connection =
                DriverManager.getConnection(Postgres.started().jdbcUrl())) {
            long start = System.nanoTime();
            calls = count(null, connection);
            counting.add(System.nanoTime() - start);
        }
        long start = System.nanoTime();
        HttpResponse<InputStream> answer = Asked.send(question.tenant(), question.in30Days(), "application/json");
        String text = Asked.text(answer);
        took.add(System.nanoTime() - start);
        String given = "";
        if (answer.statusCode() == SERVICE_UNAVAILABLE) {
            assertThat(text).contains("report_timeout");
            given = " (given up)";
        } else {
            assertThat(answer.statusCode()).as(text).isEqualTo(200);
            if (question.isReport()) {
                assertThat(calls(Corpus.json(text).asJsonObject().getJsonObject("total")))
                        .isEqualTo(calls);
            }
        }
        table.add(
                question.name() + given,
                where(rows),
                took,
                String.format(Locale.ROOT, "PostgreSQL counts and sums all %,d calls: %s", calls, counting),
                took.ratioTo(counting));
    }

    private static String where(long rows) {
        return String.format(Locale.ROOT, "%,d calls in PostgreSQL", rows);
    }

    private static double time(Question question) {
        long start = System.nanoTime();
        Asked.answer(question.tenant(), question.in30Days());
        return System.nanoTime() - start;
    }

    private static long calls(JsonObject block) {
        return block.getJsonObject("llm_call_stats").getInt("total_calls");
    }

    /** The calls in the window of the reports. */
    private static long count(String tenant, Connection connection) throws SQLException {
        String ofTenant = tenant == null ? "" : " and tenant_id = ?";
        try (PreparedStatement statement = connection.prepareStatement(
                "select count(*), sum(cost_usd) from llm_calls where started_at >= ? and started_at < ?" + ofTenant)) {
            statement.setObject(1, OffsetDateTime.parse(ManyCalls.LAST_30_DAYS));
            statement.setObject(2, OffsetDateTime.parse(ManyCalls.END));
            if (tenant != null) {
                statement.setString(3, tenant);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static void writePlans() throws IOException, InterruptedException {
        List<String> text = new ArrayList<>();
        for (Question question : Stream.of(
                        Question.of(ManyCalls.TYPICAL_TENANT), Question.of(ManyCalls.LARGEST_TENANT), Question.ofAll())
                .flatMap(List::stream)
                .toList()) {
            String plan = plans.during(() -> Asked.answer(question.tenant(), question.in30Days()));
            assertThat(plan).as(question.name()).contains("llm_calls");
            text.addAll(List.of("", question.name() + ", 30 days", "", "```", plan.stripTrailing(), "```"));
        }
        Path directory = Files.createDirectories(Settings.serversDirectory().resolveSibling("plans"));
        Files.write(directory.resolve(TestServer.current().id() + ".md"), text);
    }
}
