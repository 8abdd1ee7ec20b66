package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel.OpenAiChatModelBuilder;
import dev.tokentally.langchain4j.openai.Asked;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.openai.Shape;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A port over a LangChain4j model")
class LangChain4jLlmPortTest {

    record City(String city, int inhabitants) {}

    /** Each test has its own stub, because a request that nobody waits for may still reach it later. */
    private final OpenAiStub provider = OpenAiStub.start();

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    @DisplayName("answers text, with provider, model and tokens, and sends both messages")
    void text() {
        LlmResponse<String> answer = ask(Shape.SUCCESS);

        assertThat(answer)
                .isEqualTo(new LlmResponse<>(
                                "The fox is quick.", "openai", "gpt-4o-mini-2024-07-18", TokenUsage.of(19, 10), null)
                        .withServiceTier("standard")
                        .withRequestedModel(Shape.SUCCESS.model())
                        .withResponseId("chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG"));
        JsonNode sent = provider.bodies().get(0);
        assertThat(sent.path("messages").findValuesAsText("role")).containsExactly("system", "user");
        assertThat(sent.path("messages").findValuesAsText("content")).containsExactly("Be brief.", "secret question");
        assertThat(sent.has("response_format")).isFalse();
    }

    @Test
    @DisplayName("needs no system message")
    void noSystemMessage() {
        port(Shape.SUCCESS).complete(LlmRequest.of(null, "Hi.", null, String.class));
        port(Shape.SUCCESS).complete(LlmRequest.of(" ", "Hi.", null, String.class));

        assertThat(provider.bodies())
                .allSatisfy(body -> assertThat(body.path("messages")).hasSize(1))
                .hasSize(2);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("knows which tokens came from a cache or went into reasoning")
    @CsvSource({"CACHED, 2006, 300, 1920, 0", "REASONING, 75, 1186, 0, 1024"})
    void tokens(Shape shape, int input, int output, int cached, int reasoning) {
        assertThat(ask(shape).tokens()).isEqualTo(new TokenUsage(input, output, cached, 0, reasoning));
    }

    @Test
    @DisplayName("leaves the tokens unknown, and not 0, if the provider does not report them")
    void noUsage() {
        assertThat(ask(Shape.NO_USAGE).content()).isEqualTo("The fox is quick.");
        assertThat(ask(Shape.NO_USAGE).tokens()).isNull();
    }

    @Test
    @DisplayName("names the provider that it was told, for providers that only speak OpenAI's protocol")
    void providerByName() {
        LangChain4jLlmPort port = new LangChain4jLlmPort(model(Shape.SUCCESS).build(), "acme");

        assertThat(port.complete(text("Hi.")).provider()).isEqualTo("acme");
    }

    @Test
    @DisplayName(
            "sends the record's schema as a parameter to a model that accepts schemas, and leaves the messages unchanged")
    void schemaAsParameter() {
        LangChain4jLlmPort port = new LangChain4jLlmPort(model(Shape.ECHO)
                .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
                .build());

        LlmResponse<City> answer = port.complete(
                LlmRequest.of("Be brief.", "{\"city\":\"Utrecht\",\"inhabitants\":376435}", null, City.class));

        assertThat(answer.content()).isEqualTo(new City("Utrecht", 376435));
        assertThat(answer.tokens()).isEqualTo(TokenUsage.of(88, 12));
        JsonNode sent = provider.bodies().get(0);
        assertThat(sent.path("response_format").path("type").asText()).isEqualTo("json_schema");
        JsonNode schema = sent.path("response_format").path("json_schema");
        assertThat(schema.path("name").asText()).isEqualTo("City");
        assertThat(schema.path("schema").path("properties").fieldNames())
                .toIterable()
                .containsExactly("city", "inhabitants");
        assertThat(sent.path("messages").findValuesAsText("content").get(0)).isEqualTo("Be brief.");
    }

    @Test
    @DisplayName("adds the schema to the system message for any other model")
    void schemaInWords() {
        LlmResponse<City> answer = port(Shape.ECHO)
                .complete(LlmRequest.of(
                        "Be brief.", "```json\n{\"city\":\"Utrecht\",\"inhabitants\":376435}\n```", null, City.class));

        assertThat(answer.content()).isEqualTo(new City("Utrecht", 376435));
        JsonNode sent = provider.bodies().get(0);
        assertThat(sent.has("response_format")).isFalse();
        assertThat(sent.path("messages").findValuesAsText("content").get(0))
                .startsWith("Be brief.\n\nAnswer with one JSON object")
                .contains("\"inhabitants\":{\"type\":\"integer\"}");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("bills an answer that it cannot use")
    @CsvSource({
        "SCHEMA_VIOLATION, SchemaViolationException, gpt-4o-mini-2024-07-18, 88, 12",
        "SUCCESS, MalformedAnswerException, gpt-4o-mini-2024-07-18, 19, 10",
        "LENGTH, AnswerCutException, gpt-4o-mini-2024-07-18, 19, 10",
        "FILTERED, AnswerFilteredException, gpt-4o-mini-2024-07-18, 19, 10",
        "NO_CONTENT, EmptyAnswerException, gpt-4o-mini-2024-07-18, 19, 10",
        "REFUSED, AnswerFilteredException, refused, -1, 0",
        "MALFORMED, MalformedAnswerException, malformed, -1, 0",
    })
    void billed(Shape shape, String errorClass, String model, int input, int output) {
        UnusableAnswerException thrown = catchThrowableOfType(UnusableAnswerException.class, () -> port(shape)
                .complete(LlmRequest.of(null, "secret question", null, City.class)));

        assertThat(thrown.getClass().getSimpleName()).isEqualTo(errorClass);
        assertThat(thrown.provider()).isEqualTo("openai");
        assertThat(thrown.model()).isEqualTo(model);
        assertThat(thrown.tokens()).isEqualTo(input < 0 ? null : TokenUsage.of(input, output));
        assertThat(thrown.getMessage()).doesNotContain("secret", "fox");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("bills a text answer that is cut, withheld or empty")
    @EnumSource(names = {"LENGTH", "FILTERED", "NO_CONTENT"})
    void billedText(Shape shape) {
        assertThatThrownBy(() -> ask(shape))
                .isInstanceOfSatisfying(UnusableAnswerException.class, thrown -> assertThat(thrown.tokens())
                        .isEqualTo(TokenUsage.of(19, 10)));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("throws one class for each kind of failure, with neither key nor question in its message")
    @CsvSource({
        "RATE_LIMITED, RateLimitedException, (HTTP 429)",
        "SERVER_ERROR, ModelServerErrorException, (HTTP 500)",
        "CUT, ModelUnreachableException, IOException",
    })
    void failures(Shape shape, String errorClass, String said) {
        assertThatThrownBy(() -> ask(shape)).satisfies(thrown -> {
            assertThat(thrown.getClass().getSimpleName()).isEqualTo(errorClass);
            assertThat(thrown).isInstanceOf(TransientModelException.class).hasMessageContaining(said);
            assertThat(thrown.getMessage()).doesNotContain("secret", OpenAiStub.KEY, "Rate limit");
        });
        assertThat(provider.log()).as("one request for each call").hasSize(1);
    }

    @Test
    @DisplayName("never puts the key into the message of a refusal, although the provider quotes it")
    void wrongKey() {
        LangChain4jLlmPort port = new LangChain4jLlmPort(
                model(Shape.SUCCESS).apiKey("sk-wrong-1234").build());

        assertThatThrownBy(() -> port.complete(text("secret question"))).satisfies(thrown -> {
            assertThat(thrown).isInstanceOf(KeyRefusedException.class).hasMessageContaining("(HTTP 401)");
            assertThat(thrown.getMessage()).doesNotContain("sk-wrong");
            assertThat(thrown.getCause().getMessage())
                    .as("that the provider quotes it")
                    .contains("sk-wrong-1234");
        });
        assertThat(provider.log()).extracting(Asked::status).containsExactly(401);
    }

    @Test
    @DisplayName("distinguishes a wrong path from an address where nobody answers")
    void nobodyThere() throws IOException {
        LangChain4jLlmPort wrongPath = new LangChain4jLlmPort(
                model(Shape.SUCCESS).baseUrl(provider.baseUrl() + "/none").build());
        LangChain4jLlmPort wrongHost = new LangChain4jLlmPort(
                model(Shape.SUCCESS).baseUrl("http://nobody.invalid/v1").build());
        LangChain4jLlmPort refusing;
        try (ServerSocket closed = new ServerSocket(0)) {
            refusing = new LangChain4jLlmPort(model(Shape.SUCCESS)
                    .baseUrl("http://127.0.0.1:" + closed.getLocalPort() + "/v1")
                    .build());
        }

        assertThatThrownBy(() -> wrongPath.complete(text("Hi."))).isInstanceOf(UnknownModelException.class);
        assertThatThrownBy(() -> wrongHost.complete(text("Hi."))).isInstanceOf(ModelUnreachableException.class);
        assertThatThrownBy(() -> refusing.complete(text("Hi."))).isInstanceOf(ModelUnreachableException.class);
    }

    @Test
    @DisplayName("keeps the request's timeout if the model's own is longer, even in the middle of an answer")
    void timeout() {
        LangChain4jLlmPort port = port(Shape.SLOW);

        assertThatThrownBy(() -> port.complete(text("Hi.").withTimeout(Duration.ofMillis(300))))
                .isInstanceOf(ModelTimeoutException.class)
                .hasMessage("The model did not answer within 300 ms");
        assertThat(provider.log()).extracting(Asked::status).containsExactly(200);
        assertThat(port.complete(text("Hi.").withTimeout(Duration.ofSeconds(30)))
                        .content())
                .isEqualTo("The fox is quick.");
        assertThat(port.complete(text("Hi.").withTimeout(null)).content()).isEqualTo("The fox is quick.");
    }

    @Test
    @DisplayName("ends the call of an interrupted thread, which stays interrupted")
    void interrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> ask(Shape.SLOW)).isInstanceOf(CallInterruptedException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    @DisplayName("throws an Error unchanged, and wraps an exception of an unknown kind")
    void otherExceptions() {
        StackOverflowError error = new StackOverflowError();
        IllegalStateException fault = new IllegalStateException("secret");

        assertThatThrownBy(() -> new LangChain4jLlmPort(throwing(error)).complete(text("Hi.")))
                .isSameAs(error);
        assertThatThrownBy(() -> new LangChain4jLlmPort(throwing(fault)).complete(text("Hi.")))
                .isInstanceOf(UnexpectedModelException.class)
                .hasMessage("The model threw java.lang.IllegalStateException")
                .hasCause(fault);
    }

    @Test
    @DisplayName("refuses an invalid request before it asks the model")
    void refused() {
        LangChain4jLlmPort port = port(Shape.SUCCESS);

        assertThatThrownBy(() -> port.complete(text(" "))).hasMessage("userMessage must not be blank");
        assertThatThrownBy(() -> port.complete(text("Hi.").withTimeout(Duration.ZERO)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeout");
        assertThatThrownBy(() -> port.complete(LlmRequest.of(null, "Hi.", null, Thread.class)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("responseType");
        assertThat(provider.log()).isEmpty();
    }

    @Test
    @DisplayName(
            "has only public types in its methods, even the private ones, because proxies in other packages name them")
    void proxyable() {
        assertThat(LangChain4jLlmPort.class.getDeclaredMethods())
                .filteredOn(method -> !method.isSynthetic())
                .allSatisfy(method -> assertThat(
                                Stream.concat(Stream.of(method.getReturnType()), Stream.of(method.getParameterTypes())))
                        .allMatch(type -> Modifier.isPublic(type.getModifiers())))
                .isNotEmpty();
    }

    private static ChatModel throwing(Throwable thrown) {
        return new ChatModel() {
            @Override
            public ChatResponse chat(ChatRequest request) {
                if (thrown instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) thrown;
            }
        };
    }

    private LlmResponse<String> ask(Shape shape) {
        return port(shape).complete(text("secret question"));
    }

    private static LlmRequest<String> text(String question) {
        return LlmRequest.of("Be brief.", question, null, String.class);
    }

    private LangChain4jLlmPort port(Shape shape) {
        return new LangChain4jLlmPort(model(shape).build());
    }

    private OpenAiChatModelBuilder model(Shape shape) {
        return OpenAiChatModel.builder()
                .baseUrl(provider.baseUrl())
                .apiKey(OpenAiStub.KEY)
                .modelName(shape.model())
                .maxRetries(0);
    }
}
