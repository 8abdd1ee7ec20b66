package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import dev.tokentally.langchain4j.openai.Asked;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.openai.Shape;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application that asks a LangChain4j model through the port")
class LangChain4jPortIT {

    private static final String NAME = "cities";
    private static final OpenAiStub PROVIDER = OpenAiStub.start();

    private static LogMark beforeTheStart;

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        beforeTheStart = TestServer.current().log().mark();
        return CustomerArchive.langChain4j(
                NAME,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "customer.llm.base-url", PROVIDER.baseUrl(),
                        "customer.llm.api-key", OpenAiStub.KEY,
                        "customer.llm.model", Shape.BY_MESSAGE.model()));
    }

    @BeforeEach
    void forget() {
        PROVIDER.forget();
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    @Test
    @DisplayName("gets a record, and a row with the tokens")
    void structured() throws InterruptedException {
        assertThat(ask("{\"name\":\"Utrecht\",\"inhabitants\":376435}", 20_000))
                .isEqualTo("City[name=Utrecht, inhabitants=376435]");

        assertThat(rows(1)).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("tenant_id", "acme")
                .containsEntry("operation", "cities")
                .containsEntry("provider", "openai")
                .containsEntry("model", "gpt-4o-mini-2024-07-18")
                .containsEntry("input_tokens", 88)
                .containsEntry("output_tokens", 12)
                .containsEntry("status", "ok"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("gets a row for each attempt of its retry, and the provider's log has as many requests")
    @CsvSource({
        "server-error, ModelServerErrorException, 3, 500",
        "rate-limited, RateLimitedException, 3, 429",
        "wrong-key, KeyRefusedException, 1, 401",
    })
    void attempts(String shape, String errorClass, int attempts, int status) throws InterruptedException {
        assertThat(ask(shape, 20_000)).isEqualTo("threw " + errorClass);

        assertThat(rows(attempts)).hasSize(attempts).allSatisfy(row -> assertThat(row)
                .containsEntry("status", "error")
                .containsEntry("error_class", errorClass)
                .containsEntry("input_tokens", 0));
        assertThat(PROVIDER.log()).hasSize(attempts).extracting(Asked::status).containsOnly(status);
    }

    @Test
    @DisplayName("gets a row with the tokens of an answer that does not fit its record")
    void violation() throws InterruptedException {
        assertThat(ask("schema-violation", 20_000)).isEqualTo("threw SchemaViolationException");

        assertThat(rows(1)).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("status", "error")
                .containsEntry("error_class", "SchemaViolationException")
                .containsEntry("model", "gpt-4o-mini-2024-07-18")
                .containsEntry("input_tokens", 88)
                .containsEntry("output_tokens", 12));
        assertThat(PROVIDER.log()).hasSize(1);
    }

    @Test
    @DisplayName("has its own timeout kept in each attempt, even if the model's timeout is longer")
    void timeout() throws InterruptedException {
        assertThat(ask("slow", 300)).isEqualTo("threw ModelTimeoutException");

        List<Map<String, Object>> rows = rows(3);
        assertThat(rows).hasSize(3).allSatisfy(row -> {
            assertThat(row).containsEntry("error_class", "ModelTimeoutException");
            assertThat((Long) row.get("call_duration_ms")).isGreaterThanOrEqualTo(300);
        });
        // An attempt may come late to its end if the machine is busy, so the best of three counts.
        assertThat(rows).anyMatch(row -> (Long) row.get("call_duration_ms") < Shape.SLOW_MILLIS / 2);
    }

    @Test
    @DisplayName("needs no listener, and the log does not ask for one")
    void withoutListener() throws InterruptedException {
        assertThat(Http.post("/" + NAME + "/api/cities/plain", "tenant", "acme", "call", call))
                .isEqualTo("The fox is quick.");

        assertThat(rows(1)).hasSize(1);
        assertThat(beforeTheStart.linesWith("no rows")).isEmpty();
        assertThat(beforeTheStart.linesWith("no records")).isEmpty();
        assertThat(beforeTheStart.linesWith("has seen no LLM call")).isEmpty();
        assertThat(beforeTheStart.linesWith("has no effect")).isEmpty();
    }

    private String ask(String question, long timeoutMillis) {
        return Http.post(
                "/" + NAME + "/api/cities",
                "tenant",
                "acme",
                "call",
                call,
                "question",
                question,
                "timeout",
                timeoutMillis);
    }

    /** The calls are made in a session bean's transaction, so their records are stored a little later. */
    private List<Map<String, Object>> rows(int expected) throws InterruptedException {
        return postgres.await(expected, "select * from llm_calls where call_id = ? order by id", call);
    }
}
