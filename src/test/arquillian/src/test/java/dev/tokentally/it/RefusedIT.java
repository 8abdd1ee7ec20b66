package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("Records that PostgreSQL refuses, over HTTP")
class RefusedIT {

    private static final String PRODUCT = "refused";
    private static final String API = "/api/v1";
    private static final String LIST = "/recording/rejected";
    private static final String RETRIES = "/recording/rejected/retries";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String ADMIN = "admin-key";
    private static final String TENANT = "demo-key";

    /** The customer's trigger refuses these rows. */
    private static final String POISON = "refused operation";

    private final Postgres postgres = Postgres.started();

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        return Product.loadable(
                PRODUCT,
                Map.of(
                        "tokentally.datasource",
                        DataSources.POSTGRES.jndiName(),
                        "tokentally.node",
                        "this node",
                        "config_ordinal",
                        "500"));
    }

    @BeforeEach
    void refuse() {
        postgres.execute("""
                create or replace function refuse() returns trigger language plpgsql as $$ begin
                    if new.operation = '%s' then raise exception 'not this one'; end if;
                    return new;
                end $$""".formatted(POISON));
        postgres.execute("create trigger refuse before insert on llm_calls for each row execute function refuse()");
    }

    @AfterEach
    void takeAll() {
        postgres.dropTrigger("refuse");
        postgres.dropTrigger("refuse_at_commit");
    }

    @Test
    @DisplayName(
            "are listed with their application and node, block no other record, and get their rows by a retry on demand")
    void listedAndRetried() throws InterruptedException {
        List<UUID> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            calls.add(UUID.randomUUID());
            call(POISON, calls.get(i));
        }

        awaitWhileOthersPass(() -> ours(list("?limit=1000")).size() == 3);
        JsonObject all = list("?limit=1000");
        ApiDocument.shipped()
                .check(
                        LIST,
                        ApiDocument.shipped()
                                .response("get", API + LIST, 200)
                                .getJsonObject("content")
                                .getJsonObject("application/json")
                                .getJsonObject("schema"),
                        all);
        assertThat(ours(all)).allSatisfy(record -> {
            assertThat(record.getString("tenant_id")).isEqualTo("demo");
            assertThat(record.getString("application")).isEqualTo(PRODUCT);
            assertThat(record.getString("node")).isEqualTo("this node");
            assertThat(record.getString("reason")).contains("not this one");
            assertThat(record.getString("next_try")).isGreaterThan(record.getString("rejected_at"));
        });
        JsonObject first = list("?limit=2");
        assertThat(first.getJsonArray("rejected")).hasSize(2);
        assertThat(list("?limit=1000&cursor=" + first.getString("next_cursor")).getJsonArray("rejected"))
                .hasSize(all.getJsonArray("rejected").size() - 2)
                .doesNotContainAnyElementsOf(first.getJsonArray("rejected"));

        takeAll();
        assertThat(Http.send(authorized(RETRIES, ADMIN).POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(202);

        for (UUID call : calls) {
            await(() -> rows(call) == 1);
        }
        await(() -> ours(list("?limit=1000")).isEmpty());
    }

    @Test
    @DisplayName("only at the commit block no other record either, and get their rows by a retry on demand")
    void refusedAtCommit() throws InterruptedException {
        takeAll();
        postgres.execute(
                "create constraint trigger refuse_at_commit after insert on llm_calls deferrable initially deferred"
                        + " for each row execute function refuse()");
        UUID refused = UUID.randomUUID();
        call(POISON, refused);

        awaitWhileOthersPass(() -> ours(list("?limit=1000")).size() == 1);
        assertThat(ours(list("?limit=1000")).get(0).getString("reason")).contains("not this one");

        takeAll();
        assertThat(Http.send(authorized(RETRIES, ADMIN).POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(202);
        await(() -> rows(refused) == 1);
        await(() -> ours(list("?limit=1000")).isEmpty());
    }

    @ParameterizedTest
    @DisplayName("cannot be listed with a wrong parameter, and the answer names it")
    @CsvSource({"limit=0, limit", "limit=1001, limit", "limit=x, limit", "cursor=x, cursor", "limits=1, limits"})
    void wrong(String query, String named) {
        HttpResponse<String> answer = Http.send(authorized(LIST + "?" + query, ADMIN));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("validation_error", named);
    }

    @Test
    @DisplayName("are hidden from tenants")
    void forbidden() {
        assertThat(Http.send(authorized(LIST, TENANT)).statusCode()).isEqualTo(403);
        assertThat(Http.send(authorized(RETRIES, TENANT).POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
    }

    private static void call(String operation, UUID call) {
        HttpResponse<String> answer = Http.send(authorized("/completions", TENANT)
                .header("Content-Type", "application/json")
                .header("X-Request-ID", call.toString())
                .POST(BodyPublishers.ofString("{\"operation\":\"" + operation + "\",\"user_message\":\"u\"}")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private long rows(UUID call) {
        return postgres.query("select 1 from llm_calls where call_id = ?", call).size();
    }

    private static JsonObject list(String query) {
        HttpResponse<String> answer = Http.send(authorized(LIST + query, ADMIN));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Corpus.json(answer.body()).asJsonObject();
    }

    private static List<JsonObject> ours(JsonObject list) {
        return list.getJsonArray("rejected").getValuesAs(JsonObject.class).stream()
                .filter(record -> record.getString("operation").equals(POISON))
                .toList();
    }

    private static HttpRequest.Builder authorized(String pathAndQuery, String key) {
        return HttpRequest.newBuilder(TestServer.current().uri("/" + PRODUCT + API + pathAndQuery))
                .header("Authorization", "Bearer " + key);
    }

    /**
     * The drainer sets a record aside once a later record has passed. A single later call is not enough, because the call
     * itself may store its record without the spool.
     */
    private void awaitWhileOthersPass(BooleanSupplier condition) throws InterruptedException {
        List<UUID> others = new ArrayList<>();
        await(() -> {
            others.add(UUID.randomUUID());
            call("taken operation", others.get(others.size() - 1));
            return condition.getAsBoolean();
        });
        for (UUID other : others) {
            await(() -> rows(other) == 1);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(200);
        }
    }
}
