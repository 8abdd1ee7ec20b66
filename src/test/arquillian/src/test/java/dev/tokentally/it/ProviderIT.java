package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.langchain4j.openai.Asked;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.openai.Shape;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The product with a model provider")
class ProviderIT {

    private static final String NAME = "provided";
    private static final OpenAiStub PROVIDER = OpenAiStub.start();

    /**
     * The mark is set before the start, because a server logs failures of other test classes with the texts of their
     * provider.
     */
    private static LogMark log;

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();

    @Deployment(testable = false)
    static Archive<?> product() {
        Postgres.started();
        log = TestServer.current().log().mark();
        return Product.loadable(
                NAME,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "tokentally.llm.base-url", PROVIDER.baseUrl(),
                        "tokentally.llm.api-key", OpenAiStub.KEY,
                        "tokentally.llm.model", Shape.BY_MESSAGE.model(),
                        "tokentally.llm.timeout", "1s"));
    }

    /** The first call on a server loads classes, which takes longer than the timeout. */
    @BeforeEach
    void warmUp() {
        for (int tries = 0; tries < 10 && complete("success", UUID.randomUUID()).statusCode() != 200; tries++) {
            // Once more.
        }
        PROVIDER.forget();
    }

    @AfterEach
    void keepTheKey() {
        assertThat(log.linesWith(OpenAiStub.KEY)).isEmpty();
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    @Test
    @DisplayName("says at its start which model answers, and that it sends a key")
    void announced() {
        assertThat(log.linesWith(
                        "Completions are answered by by-message at " + PROVIDER.baseUrl() + " with an API key"))
                .isNotEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("passes the answer on, and records its tokens and its cost")
    @CsvSource({
        "success, gpt-4o-mini-2024-07-18, 19, 10, 0, 0",
        "cached, gpt-4o-mini-2024-07-18, 2006, 300, 1920, 0",
        "reasoning, o4-mini-2025-04-16, 75, 1186, 0, 1024",
        "no-usage, gpt-4o-mini-2024-07-18, 0, 0, 0, 0",
    })
    void answered(String shape, String model, int input, int output, int cached, int reasoning) {
        HttpResponse<String> answer = complete(shape);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body())
                .contains(
                        "\"content\":\"The fox is quick.\"",
                        "\"model\":\"" + model + "\"",
                        "\"input_tokens\":" + input);
        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("tenant_id", "demo")
                .containsEntry("operation", "o")
                .containsEntry("provider", "")
                .containsEntry("model", model)
                .containsEntry("input_tokens", input)
                .containsEntry("output_tokens", output)
                .containsEntry("cached_input_tokens", cached)
                .containsEntry("reasoning_tokens", reasoning)
                .containsEntry("cost_source", input == 0 ? "none" : "price-list")
                .containsEntry("status", "ok"));
        assertThat(Corpus.json(answer.body())
                        .asJsonObject()
                        .getJsonNumber("cost_usd")
                        .bigDecimalValue())
                .isEqualByComparingTo((BigDecimal) rows().get(0).get("cost_usd"));
        assertThat(PROVIDER.log()).containsExactly(new Asked("by-message", shape, false, 200));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("answers 502 with a remedy when the provider fails, and records one call for one request")
    @CsvSource({
        "wrong-key, 401, KeyRefusedException, tokentally.llm.api-key",
        "rate-limited, 429, RateLimitedException, Try again later",
        "server-error, 500, ModelServerErrorException, Try again later",
        "malformed, 200, MalformedAnswerException, Try again",
        "length, 200, AnswerCutException, Ask for less",
        "filtered, 200, AnswerFilteredException, ask otherwise",
        "slow, 200, ModelTimeoutException, tokentally.llm.timeout",
    })
    void failed(String shape, int status, String errorClass, String advice) {
        HttpResponse<String> answer = complete(shape);

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(answer.body())
                .contains("\"code\":\"model_failed\"", advice)
                .doesNotContain(OpenAiStub.KEY, "sk-", "Exception", "fox", "org-0");
        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("status", "error")
                .containsEntry("error_class", errorClass));
        assertThat(PROVIDER.log()).containsExactly(new Asked("by-message", shape, false, status));
    }

    @Test
    @DisplayName("answers 502 when nobody answers at the provider's address, and 200 when the provider is back")
    void refused() {
        PROVIDER.stop();
        try {
            HttpResponse<String> answer = complete("success");

            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(answer.body()).contains("\"code\":\"model_failed\"", "tokentally.llm.base-url");
            assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                    .containsEntry("error_class", "ModelUnreachableException"));
        } finally {
            PROVIDER.startAgain();
        }
        assertThat(complete("success").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> complete(String message) {
        return complete(message, call);
    }

    private static HttpResponse<String> complete(String message, UUID call) {
        return Http.send(HttpRequest.newBuilder(TestServer.current().uri("/" + NAME + "/api/v1/completions"))
                .header("Authorization", "Bearer demo-key")
                .header("Content-Type", "application/json")
                .header("X-Request-ID", call.toString())
                .POST(BodyPublishers.ofString("{\"operation\":\"o\",\"user_message\":\"" + message + "\"}")));
    }

    private List<Map<String, Object>> rows() {
        return postgres.await(1, "select * from llm_calls where call_id = ? order by id", call);
    }
}
