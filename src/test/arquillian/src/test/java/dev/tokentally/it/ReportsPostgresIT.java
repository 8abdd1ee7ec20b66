package dev.tokentally.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The reports of the product on PostgreSQL, over HTTP")
class ReportsPostgresIT extends Reports {

    private static final Duration LONGEST = Duration.ofSeconds(2);

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return productOn(DataSources.POSTGRES);
    }

    @Test
    @DisplayName("answer 503 within two seconds while the store is frozen or gone, and calls go on as before")
    void storeDown() {
        Postgres postgres = Postgres.started();
        load(HEADER);
        int calls = 0;
        for (String name : List.of("frozen", "gone")) {
            if (name.equals("frozen")) {
                postgres.freeze();
            } else {
                postgres.stop();
            }
            try {
                for (String path : OWN_REPORTS) {
                    // A busy machine may delay any single answer, so one of three must be fast.
                    Duration took;
                    int tries = 0;
                    do {
                        long before = System.nanoTime();
                        HttpResponse<String> answer = send("ours", path);
                        took = Duration.ofNanos(System.nanoTime() - before);
                        assertThat(answer.statusCode()).as(name + path).isEqualTo(503);
                        assertThat(answer.body())
                                .contains("\"code\":\"usage_backend_unavailable\"")
                                .doesNotContain("\tat ", "Exception");
                        assertThat(Http.send(request("ours", "/completions")
                                                .header("Content-Type", "application/json")
                                                .POST(BodyPublishers.ofString(
                                                        "{\"operation\":\"o\",\"user_message\":\"u\"}")))
                                        .statusCode())
                                .as("a call while the store is " + name)
                                .isEqualTo(200);
                        calls++;
                        tries++;
                    } while (took.compareTo(LONGEST) >= 0 && tries < 3);
                    assertThat(took).as(name + path).isLessThan(LONGEST);
                }
            } finally {
                if (name.equals("frozen")) {
                    postgres.thaw();
                } else {
                    postgres.start();
                }
            }
        }
        assertThat(awaitCalls(calls)).isEqualTo(calls);
    }

    /** The calls during the outages are stored when the store is back. */
    private static int awaitCalls(int calls) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        int found = 0;
        while (found < calls && System.nanoTime() < deadline) {
            HttpResponse<String> answer = send("ours", "/usage");
            found = answer.statusCode() == 200
                    ? Corpus.json(answer.body())
                            .asJsonObject()
                            .getJsonObject("llm_call_stats")
                            .getInt("total_calls")
                    : 0;
        }
        return found;
    }

    @Test
    @DisplayName("are visibly incomplete if the store is lost half way, and log one line without a stack trace")
    void lostHalfWay() throws IOException {
        manyCalls();
        LogMark log = TestServer.current().log().mark();
        for (String type : List.of("text/csv", "application/json")) {
            String last;
            try (BufferedReader body = answer(type)) {
                body.read();
                Postgres.started().execute("alter table llm_calls rename to hidden_calls");
                last = body.lines().reduce("", (before, line) -> line);
            } finally {
                Postgres.started().execute("alter table if exists hidden_calls rename to llm_calls");
            }
            if (type.equals("text/csv")) {
                assertThat(last).startsWith("INCOMPLETE: ");
            } else {
                // The first character was read before.
                assertThatThrownBy(() -> Corpus.json("{" + last)).isInstanceOf(JsonException.class);
            }
        }
        assertThat(log.linesWith("A list of calls broke off while it was sent")).hasSize(2);
        assertThat(log.linesWith("API request failed")).isEmpty();
    }

    @Test
    @DisplayName("cause no failure on the server if the client does not wait for them")
    void clientGoesAway() throws IOException, InterruptedException {
        manyCalls();
        LogMark log = TestServer.current().log().mark();
        for (String type : List.of("text/csv", "application/json")) {
            try (BufferedReader body = answer(type)) {
                body.read();
            }
        }
        assertThat(json("ours", "/usage/calls").getJsonArray("calls")).hasSize(20);
        // The server notices it when it sends the next bytes.
        Thread.sleep(1000);

        assertThat(log.lines()).noneMatch(line -> line.contains("API request failed") || line.contains("broke off"));
    }

    /** The answer is larger than the buffers between the server and a client that does not read. */
    private static void manyCalls() {
        load(HEADER);
        Postgres.started().execute("""
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, model, input_tokens,
                    output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source, status)
                select gen_random_uuid(), gen_random_uuid(), 'ours', 'chat', timestamp '2026-05-01' + n * interval '1 second',
                    1, 'm', 1, 1, 0, 0, 0, 1, 'provider', 'ok'
                  from generate_series(1, 100000) n""");
    }

    private static BufferedReader answer(String type) throws IOException {
        HttpRequest request = request("ours", "/usage/calls?limit=200000")
                .header("Accept", type)
                .build();
        try {
            return new BufferedReader(new InputStreamReader(
                    HttpClient.newHttpClient()
                            .send(request, BodyHandlers.ofInputStream())
                            .body(),
                    UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @OnOneServer
    @Test
    @DisplayName("over time add up to the report, by hours, days and months, across both changes of the clocks")
    void series() {
        StringBuilder rows = new StringBuilder(HEADER);
        Random random = new Random(1);
        // These days are around the changes in Europe (29 March, 25 October), America (8 March, 1 November) and Lord
        // Howe (5 April, 4 October).
        for (String start : List.of(
                "2026-03-07T12:00:00Z", "2026-03-28T12:00:00Z", "2026-10-03T12:00:00Z", "2026-10-24T12:00:00Z")) {
            for (int i = 0; i < 150; i++) {
                rows.append(row(
                        UUID.randomUUID(),
                        UUID.randomUUID().toString(),
                        "ours",
                        "operation " + random.nextInt(3),
                        Instant.parse(start).plusSeconds(i * 1307L).toString(),
                        "model " + random.nextInt(3),
                        "0.000000" + random.nextInt(1000),
                        random.nextInt(5) == 0 ? "error" : "ok",
                        ""));
            }
        }
        load(rows.toString());
        String window = "&from=2026-03-01T05:00:00Z&to=2026-11-10T05:00:00Z";
        JsonObject report = json("ours", "/usage?" + window.substring(1)).getJsonObject("llm_call_stats");
        for (String zone : List.of("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe")) {
            for (String bucket : List.of("hour", "day", "month")) {
                // Hours have thousands of buckets, so one group is enough.
                for (String group : bucket.equals("hour") ? List.of("operation") : List.of("operation", "model")) {
                    String query = "series?bucket=" + bucket + "&zone=" + zone + "&group=" + group + window;
                    JsonObject own = json("ours", "/usage/" + query);
                    assertThat(json("the admin", "/usage/all/" + query + "&tenant=ours"))
                            .isEqualTo(own);
                    List<JsonObject> buckets = own.getJsonArray("buckets").getValuesAs(JsonObject.class);
                    List<JsonObject> groups = buckets.stream()
                            .flatMap(each -> each.getJsonArray("groups").getValuesAs(JsonObject.class).stream())
                            .toList();
                    for (List<JsonObject> parts : List.of(buckets, groups, List.of(own.getJsonObject("total")))) {
                        assertThat(sum(parts, "total_calls")).isEqualTo(value(report, "total_calls"));
                        assertThat(sum(parts, "failed_calls")).isEqualTo(value(report, "failed_calls"));
                        assertThat(sum(parts, "total_cost_usd")).isEqualByComparingTo(value(report, "total_cost_usd"));
                        assertThat(sum(parts, "input_tokens"))
                                .isEqualTo(value(report.getJsonObject("input_tokens"), "total"));
                    }
                    for (int i = 1; i < buckets.size(); i++) {
                        assertThat(buckets.get(i).getString("start"))
                                .isEqualTo(buckets.get(i - 1).getString("end"));
                    }
                }
            }
        }
        assertThat(value(report, "total_calls")).isEqualTo("600");
    }
}
