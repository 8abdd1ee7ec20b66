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

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The erasing of a user over HTTP")
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
            "puts a pseudonym into the rows of calls that began before, and says when it is done, without the name")
    void erased() throws Exception {
        LogMark log = TestServer.current().log().mark();
        for (int i = 0; i < 3; i++) {
            complete();
        }
        postgres.await(3, "select 1 from llm_calls where user_id = ?", user);

        HttpResponse<String> begun = erase("demo", user, ADMIN);
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

        assertThat(state.getInt("rows_done")).isEqualTo(3);
        assertThat(state.getInt("rows_total")).isEqualTo(3);
        assertThat(postgres.query("select 1 from llm_calls where user_id = ?", user))
                .isEmpty();
        complete();
        postgres.await(1, "select 1 from llm_calls where user_id = ?", user);
        assertThat(log.linesWith(user)).isEmpty();
    }

    @Test
    @DisplayName("is no business of a tenant's, and unknown ones are not found")
    void refused() {
        assertThat(erase("demo", user, "demo-key").statusCode()).isEqualTo(403);
        assertThat(status(UUID.randomUUID().toString(), "demo-key").statusCode())
                .isEqualTo(403);
        assertThat(status(UUID.randomUUID().toString(), ADMIN).statusCode()).isEqualTo(404);
        assertThat(status("x", ADMIN).statusCode()).isEqualTo(404);
        assertThat(erase("demo", " ", ADMIN).statusCode()).isEqualTo(422);
    }

    private void complete() {
        assertThat(Http.send(request("/completions", "demo-key")
                                .header("Content-Type", "application/json")
                                .header("X-Tokentally-User", user)
                                .POST(BodyPublishers.ofString("{\"operation\":\"try\",\"user_message\":\"u\"}")))
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
