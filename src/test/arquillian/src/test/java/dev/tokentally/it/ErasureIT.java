package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RunsOn(TestServer.PAYARA_MICRO)
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("Erasing a user over HTTP")
class ErasureIT {

    private static final String NAME = "erasing";
    private static final String ADMIN = "admin-key";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Postgres postgres = Postgres.started();
    private final String user = "ann " + UUID.randomUUID();

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Product.loadable(
                NAME,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "tokentally.user", "plain",
                        "tokentally.user.hash-key", "a key of the tests"));
    }

    @Test
    @DisplayName(
            "replaces the user in the rows of earlier calls by a pseudonym, reports when it is done, and never logs the name")
    void erased() throws Exception {
        LogMark log = TestServer.current().log().mark();
        for (int i = 0; i < 3; i++) {
            complete();
        }
        postgres.await(3, "select 1 from llm_calls where user_id = ?", user);

        JsonObject state = erased("demo", user);

        assertThat(state.getInt("rows_done")).isEqualTo(3);
        assertThat(state.getInt("rows_total")).isEqualTo(3);
        assertThat(postgres.query("select 1 from llm_calls where user_id = ?", user))
                .isEmpty();
        complete();
        postgres.await(1, "select 1 from llm_calls where user_id = ?", user);
        assertThat(log.linesWith(user)).isEmpty();
    }

    @Test
    @DisplayName(
            "also replaces the user in a record that the store refuses, and leaves another tenant's user of that name alone")
    void waiting() throws Exception {
        LogMark log = TestServer.current().log().mark();
        String held = "held " + UUID.randomUUID();
        postgres.execute("""
                create or replace function hold() returns trigger language plpgsql as $$ begin
                    if new.operation like 'held %' then raise exception 'not this one of %', new.user_id; end if;
                    return new;
                end $$""");
        postgres.execute("create trigger hold before insert on llm_calls for each row execute function hold()");
        try {
            complete(held, "demo-key");
            complete(held, "other-key");
            complete("try", "demo-key");
            complete("try", "other-key");
            awaitHeld(held, 2);
            String totals = totals();
            String report = report("/usage");
            assertThat(report("/usage/by?dimension=user")).contains(user);

            assertThat(erased("demo", user).getInt("rows_done")).isEqualTo(1);

            assertThat(totals()).isEqualTo(totals);
            assertThat(report("/usage")).isEqualTo(report);
            assertThat(report("/usage/by?dimension=user")).contains("erased-").doesNotContain(user);
            assertThat(rejected()).doesNotContain(user);
        } finally {
            postgres.dropTrigger("hold");
        }
        assertThat(Http.send(request("/recording/rejected/retries", ADMIN).POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(202);

        postgres.await(2, "select 1 from llm_calls where operation = ?", held);
        assertThat(postgres.query(
                        "select 1 from llm_calls where operation = ? and tenant_id = 'demo' and user_id like 'erased-%'",
                        held))
                .hasSize(1);
        assertThat(postgres.query("select tenant_id from llm_calls where user_id = ?", user))
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(row -> row.get("tenant_id").equals("other"));
        assertThat(log.linesWith(user)).isEmpty();
    }

    private void awaitHeld(String operation, int records) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (rejected().split(operation, -1).length - 1 < records) {
            assertThat(System.nanoTime()).as(rejected()).isLessThan(deadline);
            complete("try", "other-key");
            Thread.sleep(500);
        }
    }

    private static String rejected() {
        return Http.send(request("/recording/rejected?limit=1000", ADMIN)).body();
    }

    private static String report(String path) {
        HttpResponse<String> answer = Http.send(request(path, "demo-key"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    /** All figures of the tenant's stored calls. */
    private String totals() {
        return postgres.query(
                        "select count(*) as calls, sum(cost_usd) as cost, sum(input_tokens) as input, sum(output_tokens) as output"
                                + " from llm_calls where tenant_id = 'demo'")
                .toString();
    }

    @Test
    @DisplayName("is forbidden to a tenant, and answers 404 for an unknown erasure")
    void refused() {
        assertThat(erase("demo", user, "demo-key").statusCode()).isEqualTo(403);
        assertThat(status(UUID.randomUUID().toString(), "demo-key").statusCode())
                .isEqualTo(403);
        assertThat(status(UUID.randomUUID().toString(), ADMIN).statusCode()).isEqualTo(404);
        assertThat(status("x", ADMIN).statusCode()).isEqualTo(404);
        assertThat(erase("demo", " ", ADMIN).statusCode()).isEqualTo(422);
    }

    private void complete() {
        complete("try", "demo-key");
    }

    /** Waits until the erasure is done. */
    private static JsonObject erased(String tenant, String user) throws InterruptedException {
        HttpResponse<String> begun = erase(tenant, user, ADMIN);
        assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
        assertThat(begun.body()).doesNotContain(user);
        String location = begun.headers().firstValue("Location").orElseThrow();
        JsonObject state = Corpus.json(begun.body()).asJsonObject();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!state.getString("state").equals("done")) {
            assertThat(System.nanoTime()).as(state.toString()).isLessThan(deadline);
            Thread.sleep(500);
            state = Corpus.json(status(location.substring(location.lastIndexOf('/') + 1), ADMIN)
                            .body())
                    .asJsonObject();
        }
        ApiDocument.shipped()
                .check(
                        "/erasures/{id}",
                        ApiDocument.shipped()
                                .response("get", "/api/v1/erasures/{id}", 200)
                                .getJsonObject("content")
                                .getJsonObject("application/json")
                                .getJsonObject("schema"),
                        state);
        return state;
    }

    private void complete(String operation, String key) {
        assertThat(Http.send(request("/completions", key)
                                .header("Content-Type", "application/json")
                                .header("X-Tokentally-User", user)
                                .POST(BodyPublishers.ofString(
                                        "{\"operation\":\"" + operation + "\",\"user_message\":\"u\"}")))
                        .statusCode())
                .isEqualTo(200);
    }

    private static HttpResponse<String> erase(String tenant, String user, String key) {
        return Http.send(request("/erasures", key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"tenant\":\"" + tenant + "\",\"user\":\"" + user + "\"}")));
    }

    private static HttpResponse<String> status(String id, String key) {
        return Http.send(request("/erasures/" + id, key));
    }

    private static HttpRequest.Builder request(String path, String key) {
        return HttpRequest.newBuilder(TestServer.current().uri("/" + NAME + "/api/v1" + path))
                .header("Authorization", "Bearer " + key);
    }
}
