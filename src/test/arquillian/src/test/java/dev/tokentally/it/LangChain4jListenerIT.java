package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.tokentally.it.customer.CustomerArchive;
import dev.tokentally.langchain4j.openai.Asked;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
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
import org.junit.jupiter.params.provider.ValueSource;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application with AI services of LangChain4j")
class LangChain4jListenerIT {

    private static final String NAME = "chats";
    private static final String CHAT = "/" + NAME + "/api/chat";
    private static final int STREAMS = 200;
    private static final OpenAiStub PROVIDER = OpenAiStub.start();

    private static LogMark beforeTheStart;

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();
    private final String tenant = "tenant of " + call;

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        beforeTheStart = TestServer.current().log().mark();
        return CustomerArchive.chat(
                NAME,
                Map.of(
                        "tokentally.datasource",
                        DataSources.POSTGRES.jndiName(),
                        "dev.langchain4j.cdi.plugin.forgotten.class",
                        "dev.langchain4j.model.openai.OpenAiChatModel",
                        "dev.langchain4j.cdi.plugin.other.class",
                        "dev.langchain4j.model.openai.OpenAiChatModel",
                        "dev.langchain4j.cdi.plugin.other.config.listeners",
                        "dev.tokentally.it.customer.chat.OwnListener",
                        "customer.llm.base-url",
                        PROVIDER.baseUrl(),
                        "customer.llm.api-key",
                        OpenAiStub.KEY));
    }

    @BeforeEach
    void forget() {
        PROVIDER.forget();
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    @ParameterizedTest(name = "{0}, {1}")
    @DisplayName("gets a row for each answer, and the provider's log has as many requests")
    @CsvSource({
        "ordinary, success, gpt-4o-mini-2024-07-18, 19, 10, 0, 0",
        "ordinary, cached, gpt-4o-mini-2024-07-18, 2006, 300, 1920, 0",
        "ordinary, reasoning, o4-mini-2025-04-16, 75, 1186, 0, 1024",
        "ordinary, no-usage, gpt-4o-mini-2024-07-18, 0, 0, 0, 0",
        "listener, success, gpt-4o-mini-2024-07-18, 19, 10, 0, 0",
        "listener, reasoning, o4-mini-2025-04-16, 75, 1186, 0, 1024",
        "wrapper, success, gpt-4o-mini-2024-07-18, 19, 10, 0, 0",
        "wrapper, cached, gpt-4o-mini-2024-07-18, 2006, 300, 1920, 0",
        "wrapper, no-usage, gpt-4o-mini-2024-07-18, 0, 0, 0, 0",
    })
    void answered(String by, String model, String answering, int input, int output, int cached, int reasoning)
            throws InterruptedException {
        assertThat(ask(by, model)).isEqualTo("The fox is quick.");

        assertThat(rows()).singleElement().satisfies(row -> {
            assertThat(row)
                    .containsEntry("tenant_id", tenant)
                    .containsEntry("operation", "chat")
                    .containsEntry("provider", "openai")
                    .containsEntry("model", answering)
                    .containsEntry("input_tokens", input)
                    .containsEntry("output_tokens", output)
                    .containsEntry("cached_input_tokens", cached)
                    .containsEntry("reasoning_tokens", reasoning)
                    .containsEntry("status", "ok");
            assertThat(row.get("first_token_ms") != null).isEqualTo(by.equals("wrapper"));
        });
        assertThat(PROVIDER.log()).containsExactly(new Asked(model, "hello", !by.equals("ordinary"), 200));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @DisplayName("gets a row for each failure with its error, and the provider's log has as many requests")
    @CsvSource({
        "ordinary, rate-limited, 429, RateLimitException",
        "ordinary, server-error, 500, InternalServerException",
        "ordinary, malformed, 200, JsonMappingException",
        "ordinary, cut, 200, IOException",
        "listener, rate-limited, 429, RateLimitException",
        "listener, cut, 200, IOException",
        "wrapper, server-error, 500, InternalServerException",
        "wrapper, malformed, 200, JsonEOFException",
        "wrapper, cut, 200, IOException",
    })
    void failed(String by, String model, int status, String errorClass) throws InterruptedException {
        assertThat(ask(by, model)).startsWith("threw ");

        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("provider", "openai")
                .containsEntry("model", model)
                .containsEntry("input_tokens", 0)
                .containsEntry("status", "error")
                .containsEntry("error_class", errorClass));
        assertThat(PROVIDER.log()).extracting(Asked::status).containsExactly(status);
    }

    @ParameterizedTest(name = "by the {0}")
    @DisplayName("gets a row for each request of a stream that uses a tool, all of them in the stream's scope")
    @ValueSource(strings = {"listener", "wrapper"})
    void tools(String by) throws InterruptedException {
        assertThat(ask(by, "tool")).isEqualTo("The fox is quick.");

        assertThat(postgres.await(2, "select * from llm_calls where call_id = ? order by id", call))
                .extracting(row -> row.get("input_tokens"))
                .containsExactly(60, 19);
        assertThat(PROVIDER.log()).hasSize(2);
    }

    @ParameterizedTest(name = "by the {0}")
    @DisplayName("gets its rows in the scope of the method that returned a stream, even if the stream is started later")
    @ValueSource(strings = {"listener", "wrapper"})
    void startedLater(String by) throws InterruptedException {
        assertThat(Http.post(CHAT + "/later", "by", by, "tenant", tenant, "model", "tool"))
                .isEqualTo("The fox is quick.");

        assertThat(postgres.await(2, "select * from llm_calls where tenant_id = ? order by id", tenant))
                .extracting(row -> row.get("operation"), row -> row.get("input_tokens"))
                .containsExactly(tuple("later", 60), tuple("later", 19));
    }

    @Test
    @DisplayName("gets a row for a stream that it cancels")
    void cancelled() throws InterruptedException {
        assertThat(Http.post(CHAT + "/cancelled", "by", "wrapper", "tenant", tenant, "call", call, "model", "slow"))
                .isEqualTo("cancelled true");

        assertThat(rows()).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("status", "error")
                .containsEntry("error_class", "CancellationException")
                .containsEntry("model", "slow"));
    }

    @Test
    @DisplayName("is answered without a call scope too, and the log reports the missing scope")
    void withoutScope() {
        LogMark log = TestServer.current().log().mark();

        assertThat(Http.post(CHAT + "/unscoped", "model", "success")).isEqualTo("The fox is quick.");

        assertThat(log.linesWith("A model was asked outside a call scope"))
                .singleElement(STRING)
                .contains("asked by dev.tokentally.it.customer.chat.ChatResource.unscoped(ChatResource.java:");
    }

    @Test
    @DisplayName(
            "finds in the log each model without a listener and the AI service that is not intercepted, and nothing else")
    void withoutListener() {
        assertThat(Http.post(CHAT + "/unheard")).isEqualTo("The fox is quick.");
        assertThat(Http.post(CHAT + "/unheard")).isEqualTo("The fox is quick.");

        assertThat(beforeTheStart.linesWith("has made has no TrackingChatModelListener"))
                .singleElement(STRING)
                .contains("The ChatModel that dev.tokentally.it.customer.chat.UnheardModels.forgotten has made has no")
                .contains(".listeners(List.of(listener))");
        assertThat(beforeTheStart.linesWith("that langchain4j-cdi makes has no listener"))
                .singleElement(STRING)
                .contains("set dev.langchain4j.cdi.plugin.forgotten.config.listeners=lookup:@all");
        assertThat(beforeTheStart.linesWith(
                        "that langchain4j-cdi makes has listeners, but no TrackingChatModelListener"))
                .singleElement(STRING)
                .contains("set dev.langchain4j.cdi.plugin.other.config.listeners=lookup:@all");
        assertThat(beforeTheStart.linesWith("The ChatModel bean"))
                .singleElement(STRING)
                .contains(
                        "The ChatModel bean dev.tokentally.it.customer.chat.UnheardModel has no TrackingChatModelListener");
        assertThat(beforeTheStart.linesWith("is not wrapped"))
                .singleElement(STRING)
                .contains(
                        "The ImageModel that dev.tokentally.it.customer.chat.UnheardModels.pictures has made is not wrapped")
                .contains("TrackedModels.image(model, provider, modelName)");
        assertThat(beforeTheStart.linesWith("@LlmOperation has no effect"))
                .singleElement(STRING)
                .contains(
                        ": dev.tokentally.it.customer.chat.RegisteredAssistant, dev.tokentally.it.customer.chat.UnheardModels"
                                + " (dev.tokentally.it.customer.chat.OperatingAssistant). Put @LlmOperation on the method");
        assertThat(beforeTheStart.linesWith("no records")).isEmpty();
        assertThat(beforeTheStart.linesWith("has seen no LLM call")).isEmpty();
    }

    @OnOnePayara
    @ParameterizedTest(name = "by the {0}")
    @DisplayName("gets two hundred streams at once while the store is frozen, and a right row for each when it thaws")
    @ValueSource(strings = {"listener", "wrapper"})
    void manyWhileTheStoreIsFrozen(String by) throws InterruptedException {
        String seen;
        postgres.freeze();
        try {
            seen = Http.post(CHAT + "/many", "by", by, "tenant", tenant, "count", STREAMS);
        } finally {
            postgres.thaw();
        }

        assertThat(seen).isEqualTo("200 answers, in a database: [], others there: true");
        List<Map<String, Object>> rows = postgres.await(
                STREAMS,
                "select tenant_id, input_tokens, output_tokens, status from llm_calls where tenant_id like ?",
                tenant + " %");
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, STREAMS)
                        .<Map<String, Object>>mapToObj(number -> Map.of(
                                "tenant_id",
                                tenant + " " + number % 2,
                                "input_tokens",
                                number,
                                "output_tokens",
                                7,
                                "status",
                                "ok"))
                        .toList());
        assertThat(PROVIDER.log())
                .extracting(Asked::message)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, STREAMS).mapToObj(String::valueOf).toList());
    }

    private String ask(String by, String model) {
        return Http.post(CHAT, "by", by, "tenant", tenant, "call", call, "model", model);
    }

    /** Waits, because the row of a streamed answer is stored a little later. */
    private List<Map<String, Object>> rows() throws InterruptedException {
        return postgres.await(1, "select * from llm_calls where call_id = ?", call);
    }
}
