package dev.tokentally.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The reports of the product on PostgreSQL, over HTTP")
class ReportsPostgresIT extends Reports {

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
        for (String name : List.of("frozen", "gone")) {
            if (name.equals("frozen")) {
                postgres.freeze();
            } else {
                postgres.stop();
            }
            try {
                for (String path : OWN_REPORTS) {
                    List<Duration> took = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        long before = System.nanoTime();
                        HttpResponse<String> answer = send("ours", path);
                        took.add(Duration.ofNanos(System.nanoTime() - before));
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
                    }
                    // It takes the fastest answer, because a busy machine may delay any single one.
                    assertThat(took.stream().min(Duration::compareTo).orElseThrow())
                            .as(name + path)
                            .isLessThan(Duration.ofSeconds(2));
                }
            } finally {
                if (name.equals("frozen")) {
                    postgres.thaw();
                } else {
                    postgres.start();
                }
            }
        }
        int calls = 2 * 3 * OWN_REPORTS.size();
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
                  from generate_series(1, 200000) n""");
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
}
