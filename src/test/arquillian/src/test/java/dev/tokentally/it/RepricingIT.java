package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RunsOn(TestServer.PAYARA_MICRO)
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A repricing over HTTP")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class RepricingIT {

    private static final String APP = "repricing";
    private static final String REPRICINGS = "/prices/repricings";
    private static final int ROWS = Integer.getInteger("rows", 20_000);

    /** Long before the calls that other tests record. */
    private static final String WINDOW = "\"from\":\"2001-01-01T00:00:00Z\",\"to\":\"2002-01-01T00:00:00Z\"";

    private static final String ROWS_OF_THE_WINDOW =
            " from llm_calls where started_at >= timestamptz '2001-01-01T00:00:00Z'"
                    + " and started_at < timestamptz '2002-01-01T00:00:00Z'";

    private static final String PRICES = """
            provider,model,from,input,cached_input,output,source
            openai,gpt-test,2000-01-01,2,0.5,8,this test
            openai,gpt-test,2001-03-01,1,0.25,4,this test
            """;

    private final Postgres postgres = Postgres.started();

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Product.loadable(
                APP,
                Map.of(
                        "tokentally.datasource",
                        DataSources.POSTGRES.jndiName(),
                        "tokentally.prices.file",
                        file().toString(),
                        "config_ordinal",
                        "500"));
    }

    private static Path file() {
        try {
            Path file = TestServer.current().directory().resolve("prices.csv");
            return Files.writeString(file, PRICES).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Of ten calls, three have the provider's cost, three have an old or a right price, three have no price, and one is
     * unknown.
     */
    private void fill() {
        postgres.execute("delete" + ROWS_OF_THE_WINDOW);
        postgres.execute("""
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                    cost_source, status, error_class)
                select gen_random_uuid(), gen_random_uuid(), 'tenant ' || n %% 3, 'chat',
                    timestamptz '2001-01-01T00:00:00Z' + n * interval '1 minute' * 2, n %% 5000, 'openai',
                    case n %% 10 when 9 then 'unknown' else 'gpt-test-2001-02-03' end,
                    1000 + n %% 777, 100 + n %% 99, n %% 500, 0, n %% 100,
                    case when n %% 10 < 3 then 7 when n %% 10 < 6 then 0.25 else 0 end,
                    case when n %% 10 < 3 then 'provider' when n %% 10 < 6 then 'price-list' else 'none' end,
                    case n %% 10 when 8 then 'error' else 'ok' end, case n %% 10 when 8 then 'Billed' end
                  from generate_series(0, %d) n""".formatted(ROWS - 1));
    }

    @Test
    @DisplayName(
            "does what its dry run said, even if it is stopped, meets an outage and is run again, and changes nothing but cost and source")
    void stoppedAndRunAgain() throws InterruptedException, SQLException {
        fill();
        String allElse = allElse();
        String costs = costs();

        JsonObject tried = end(begin("{" + WINDOW + "}"));
        assertThat(tried.getString("state")).isEqualTo("done");
        assertThat(tried.getBoolean("dry_run")).isTrue();
        assertThat(tried.getInt("calls_read")).isEqualTo(ROWS);
        assertThat(tried.getJsonObject("total").getInt("calls")).isEqualTo(ROWS / 10 * 7);
        assertThat(tried.getJsonObject("total").getInt("changes")).isEqualTo(ROWS / 10 * 6);
        assertThat(tried.getJsonObject("total").getInt("without_price")).isEqualTo(ROWS / 10);
        assertThat(costs()).isEqualTo(costs);
        described(tried);

        String stopped = begin("{" + WINDOW + ",\"dry_run\":false}");
        await(stopped, status -> status.getInt("calls_read") > ROWS / 10);
        assertThat(admin("DELETE", REPRICINGS + "/" + stopped, null).statusCode())
                .isEqualTo(200);
        JsonObject first = end(stopped);
        assertThat(first.getString("state")).isEqualTo("stopped");
        assertThat(first.getInt("calls_read")).isLessThan(ROWS);

        String again;
        // A lock on a row that has to change holds the repricing, so that it does not end before the outage.
        try (Connection holder = DriverManager.getConnection(postgres.jdbcUrl());
                Statement hold = holder.createStatement()) {
            holder.setAutoCommit(false);
            hold.execute("select id" + ROWS_OF_THE_WINDOW
                    + " and cost_source = 'none' and model <> 'unknown' order by started_at limit 1 for update");
            again = begin("{" + WINDOW + ",\"dry_run\":false}");
            await(again, status -> status.getInt("calls_read") > ROWS / 2);
            postgres.stop();
        }
        try {
            await(again, status -> status.getString("state").equals("waiting"));
            assertThat(admin("POST", "/completions", "{\"operation\":\"o\",\"user_message\":\"u\"}")
                            .statusCode())
                    .isEqualTo(200);
        } finally {
            postgres.start();
        }
        JsonObject second = end(again);

        assertThat(second.getString("state")).isEqualTo("done");
        assertThat(second.getInt("calls_read")).isEqualTo(ROWS);
        assertThat(first.getJsonObject("total").getInt("changes")
                        + second.getJsonObject("total").getInt("changes"))
                .isEqualTo(tried.getJsonObject("total").getInt("changes"));
        assertThat(second.getJsonObject("total").getJsonNumber("cost_after_usd"))
                .isEqualTo(tried.getJsonObject("total").getJsonNumber("cost_after_usd"));
        assertThat(second.getJsonObject("total").getInt("changed_meanwhile")).isZero();
        assertThat(allElse()).isEqualTo(allElse);
        assertThat(wronglyPriced()).isZero();
        assertThat(admin("GET", REPRICINGS, null).body()).contains(stopped, again);
    }

    /** Asks with models, which OpenApiIT does not have. */
    private static void described(JsonObject repricing) {
        ApiDocument document = ApiDocument.shipped();
        JsonObject content =
                document.response("get", "/api/v1/prices/repricings/{id}", 200).getJsonObject("content");
        document.check("a dry run", content.getJsonObject("application/json").getJsonObject("schema"), repricing);
        assertThat(document.met()).contains("RepricedModel.provider", "RepricedModel.model");
    }

    @Test
    @DisplayName("is for admins only and runs one at a time, and an unknown id is not found")
    void refused() throws InterruptedException {
        assertThat(send("demo-key", "POST", REPRICINGS, "{}").statusCode()).isEqualTo(403);
        assertThat(send("demo-key", "GET", REPRICINGS, null).statusCode()).isEqualTo(403);
        assertThat(send("wrong-key", "POST", REPRICINGS, "{}").statusCode()).isEqualTo(401);
        fill();
        String running = begin("{" + WINDOW + "}");
        HttpResponse<String> second = admin("POST", REPRICINGS, "{}");
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).contains("\"code\":\"repricing_running\"", running);
        assertThat(send("demo-key", "GET", REPRICINGS + "/" + running, null).statusCode())
                .isEqualTo(403);
        assertThat(send("demo-key", "DELETE", REPRICINGS + "/" + running, null).statusCode())
                .isEqualTo(403);
        assertThat(end(running).getString("state")).isEqualTo("done");
        for (String id : List.of("5", "%00", "00000000-0000-0000-0000-000000000000", "..%2F..", running + "x")) {
            HttpResponse<String> answer = admin("GET", REPRICINGS + "/" + id, null);
            assertThat(answer.statusCode()).as(id).isIn(400, 404);
        }
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is refused if its body is wrong")
    @CsvSource(
            delimiter = '|',
            value = {
                "{|400|line",
                "{\"from\":\"yesterday\"}|422|from must be a timestamp",
                "{\"dry_run\":\"no\"}|422|dry_run must be true or false",
                "{\"tenant\":\"demo\"}|422|unknown field tenant",
            })
    void invalid(String body, int status, String detail) {
        HttpResponse<String> answer = admin("POST", REPRICINGS, body);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).contains(detail);
    }

    private static String begin(String body) {
        HttpResponse<String> answer = admin("POST", REPRICINGS, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        String id = json(answer).getString("id");
        assertThat(answer.headers().firstValue("Location"))
                .hasValueSatisfying(location -> assertThat(location).endsWith("/api/v1" + REPRICINGS + "/" + id));
        return id;
    }

    private static JsonObject end(String id) throws InterruptedException {
        return await(id, status -> !List.of("running", "waiting").contains(status.getString("state")));
    }

    private static JsonObject await(String id, Predicate<JsonObject> enough) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (true) {
            HttpResponse<String> answer = admin("GET", REPRICINGS + "/" + id, null);
            assertThat(answer.statusCode()).isEqualTo(200);
            if (enough.test(json(answer)) || System.nanoTime() > deadline) {
                assertThat(enough.test(json(answer))).as(answer.body()).isTrue();
                return json(answer);
            }
            Thread.sleep(5);
        }
    }

    private static JsonObject json(HttpResponse<String> answer) {
        return Corpus.json(answer.body()).asJsonObject();
    }

    private static HttpResponse<String> admin(String method, String path, String body) {
        return send("admin-key", method, path, body);
    }

    private static HttpResponse<String> send(String key, String method, String path, String body) {
        return Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + APP + "/api/v1" + path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }

    /** Returns all columns except the two that a repricing may change. */
    private String allElse() {
        return checksum("""
                concat_ws('|', id, call_id, tenant_id, operation, started_at, call_duration_ms, first_token_ms, provider,
                    model, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, status,
                    error_class, created_at)""");
    }

    private String costs() {
        return checksum("concat_ws('|', id, cost_usd, cost_source)");
    }

    private String checksum(String row) {
        return (String)
                postgres.query("select md5(string_agg(" + row + ", ';' order by id)) as sum" + ROWS_OF_THE_WINDOW)
                        .get(0)
                        .get("sum");
    }

    /**
     * The database computes this: the costs of the provider and the unknown stay, and all others have the prices of their
     * day.
     */
    private long wronglyPriced() {
        return (Long) postgres.query("""
                select count(*) filter (where case
                    when cost_source = 'provider' then cost_usd <> 7
                    when model = 'unknown' then cost_usd <> 0 or cost_source <> 'none'
                    else cost_source <> 'price-list' or cost_usd <> ((input_tokens - cached_input_tokens) * 2.0
                        + cached_input_tokens * 0.5 + output_tokens * 8.0) / 1000000
                        / case when started_at < timestamptz '2001-03-01T00:00:00Z' then 1 else 2 end
                    end) + abs(count(*) filter (where cost_source = 'provider') - %d) as wrong""".formatted(ROWS / 10 * 3) + ROWS_OF_THE_WINDOW)
                .get(0)
                .get("wrong");
    }
}
