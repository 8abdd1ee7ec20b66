package dev.tokentally.langchain4j;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.googleai.GoogleAiGeminiChatModel;
import dev.langchain4j.model.googleai.GoogleAiGeminiStreamingChatModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A call to Gemini")
class GeminiTest {

    private static final String BLOCKED = """
            {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": "gemini-2.5-flash",
             "usageMetadata": {"promptTokenCount": 12, "totalTokenCount": 12}}""";

    private static final String WITH_TOOLS = """
            {"candidates": [{"content": {"role": "model", "parts": [{"text": "The fox is quick."}]}, "finishReason": "STOP"}],
             "modelVersion": "gemini-2.5-flash",
             "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 20, "thoughtsTokenCount": 30,
                               "toolUsePromptTokenCount": 400, "totalTokenCount": 550, "trafficType": "ON_DEMAND_FLEX",
                               "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 70}, {"modality": "DOCUMENT", "tokenCount": 30}]}}""";

    private static final String TEXTS = """
            {"candidates": [{"content": {"role": "model", "parts": [{"text": "The fox is quick."}]}, "finishReason": "STOP"}],
             "modelVersion": "gemini-2.5-flash",
             "usageMetadata": {"promptTokenCount": 60, "candidatesTokenCount": 20, "thoughtsTokenCount": 30, "totalTokenCount": 110,
                               "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 60}]}}""";

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final CallTracker tracker = tally.tracker();
    private final TrackingChatModelListener listener = new TrackingChatModelListener(tracker, scopes);

    private WireMockServer provider;

    @BeforeEach
    void startProvider() {
        provider = new WireMockServer(wireMockConfig().bindAddress("127.0.0.1").dynamicPort());
        provider.start();
    }

    @AfterEach
    void stopProvider() {
        provider.stop();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("whose prompt Gemini blocks gets an error row that says so")
    @ValueSource(strings = {BLOCKED, "{\"candidates\": [], \"usageMetadata\": {\"promptTokenCount\": 12}}"})
    void blocked(String answer) {
        answers(answer);
        ChatModel model = ordinary().listeners(List.of(listener)).build();

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RuntimeException.class);
        }

        CallRecord row = recorder.only();
        assertThat(row.status()).isEqualTo(CallStatus.ERROR);
        assertThat(row.errorClass()).isEqualTo("ContentFilteredException");
        assertThat(row.tokens().input()).as("LangChain4j drops them").isZero();
    }

    @Test
    @DisplayName("whose prompt Gemini blocks gets an error row with its tokens if the HTTP client is watched")
    void blockedAndWatched() {
        answers(BLOCKED);
        ChatModel model = ordinary()
                .httpClientBuilder(WatchedHttp.builder())
                .listeners(List.of(listener))
                .build();

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RuntimeException.class);
        }

        isBlocked(recorder.only());
    }

    @ParameterizedTest(name = "with the wrapper: {0}")
    @DisplayName("whose prompt Gemini blocks gets an error row with its tokens when the answer is streamed too")
    @ValueSource(booleans = {true, false})
    void blockedStream(boolean wrapper) {
        answers(BLOCKED);

        // The wrapper sees counts that LangChain4j drops. A listener does not, so it needs a watched HTTP client.
        StreamingChatModel model = wrapper
                ? new TrackedStreamingChatModel(streaming().build(), tracker, scopes)
                : streaming()
                        .httpClientBuilder(WatchedHttp.builder())
                        .listeners(List.of(listener))
                        .build();
        Answer answer = new Answer();
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            model.chat("hello", answer);
        }
        answer.await();

        isBlocked(recorder.only());
    }

    @Test
    @DisplayName("whose prompt Gemini blocks is one failure of the port, with its tokens")
    void blockedPort() {
        answers(BLOCKED);
        LangChain4jLlmPort port = new LangChain4jLlmPort(
                ordinary().httpClientBuilder(WatchedHttp.builder()).build());

        assertThatThrownBy(() -> port.complete(LlmRequest.of(null, "hello", "acme", String.class)))
                .isInstanceOfSatisfying(AnswerFilteredException.class, failure -> {
                    assertThat(failure).hasMessage("The provider does not let the prompt through");
                    assertThat(failure.tokens().input()).isEqualTo(12);
                });
    }

    @Test
    @DisplayName(
            "has contradictory counts if LangChain4j drops the tool prompts, and complete counts if the HTTP client is watched")
    void toolPrompts() {
        answers(WITH_TOOLS);

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            ordinary().listeners(List.of(listener)).build().chat("hello");
            ordinary()
                    .httpClientBuilder(WatchedHttp.builder())
                    .listeners(List.of(listener))
                    .build()
                    .chat("hello");
        }

        CallRecord dropped = recorder.whileTheCallerWaits().get(0);
        CallRecord watched = recorder.whileTheCallerWaits().get(1);
        assertThat(dropped.tokens().doubts()).contains("contradictory");
        assertThat(watched.tokens().doubts()).isEmpty();
        assertThat(watched.tokens().input()).isEqualTo(500);
        assertThat(watched.tokens().output()).isEqualTo(50);
        assertThat(watched.tokens().meters()).isEqualTo(Map.of("tool_prompt_tokens", 400L, "input_image_tokens", 30L));
        assertThat(watched.usage().serviceTier()).isEqualTo("flex");
    }

    @Test
    @DisplayName("that LangChain4j repeats has the counts of Gemini's last answer, and says that they are incomplete")
    void repeated() {
        answers(WITH_TOOLS);
        provider.stubFor(post(urlPathMatching(".*:generateContent"))
                .inScenario("repeated")
                .whenScenarioStateIs(Scenario.STARTED)
                .willSetStateTo("answered")
                .willReturn(okJson(WITH_TOOLS.replaceFirst("\\[.*\\]", "\"none\""))));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            ordinary()
                    .maxRetries(1)
                    .httpClientBuilder(WatchedHttp.builder())
                    .listeners(List.of(listener))
                    .build()
                    .chat("hello");
        }

        assertThat(recorder.only().tokens().input()).isEqualTo(500);
        assertThat(recorder.only().tokens().doubts()).containsExactly("incomplete");
    }

    @ParameterizedTest(name = "of a port: {0}")
    @DisplayName("has the counts that Gemini gives also if the model embeds before it asks Gemini")
    @ValueSource(booleans = {true, false})
    void embedsFirst(boolean port) {
        answers(WITH_TOOLS);
        ChatModel model = new EmbedsFirst(
                ordinary().httpClientBuilder(WatchedHttp.builder()).build(),
                new Vectors().addListener(new TrackingEmbeddingModelListener(tracker)),
                port ? List.of() : List.of(listener));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            if (port) {
                tally.track(new LangChain4jLlmPort(model))
                        .complete(LlmRequest.of(null, "hello", "acme", String.class)
                                .withTimeout(null));
            } else {
                model.chat("hello");
            }
        }

        assertThat(recorder.all())
                .filteredOn(row -> row.usage().kind().equals("chat"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.tokens().doubts()).isEmpty();
                    assertThat(row.tokens().input()).isEqualTo(500);
                    assertThat(row.tokens().output()).isEqualTo(50);
                    assertThat(row.tokens().meters()).containsEntry("tool_prompt_tokens", 400L);
                });
    }

    @ParameterizedTest(name = "watched: {0}")
    @DisplayName("has incomplete counts if Gemini searched the web, because no count includes searches")
    @ValueSource(booleans = {true, false})
    void searched(boolean watched) {
        answers(TEXTS.replace(
                "\"finishReason\"", "\"groundingMetadata\": {\"webSearchQueries\": [\"fox\"]}, \"finishReason\""));
        GoogleAiGeminiChatModel.GoogleAiGeminiChatModelBuilder model =
                ordinary().listeners(List.of(listener));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            (watched ? model.httpClientBuilder(WatchedHttp.builder()) : model)
                    .build()
                    .chat("hello");
        }

        assertThat(recorder.only().tokens().doubts()).containsExactly("incomplete");
    }

    @ParameterizedTest(name = "wrapped: {0}")
    @DisplayName(
            "has incomplete counts by LangChain4j's class if the request names cached content, which may hold more than text")
    @ValueSource(booleans = {true, false})
    void cachedContent(boolean wrapped) {
        answers(TEXTS);

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            if (wrapped) {
                Answer answer = new Answer();
                new TrackedStreamingChatModel(
                                streaming()
                                        .cachedContentName("cachedContents/1")
                                        .build(),
                                tracker,
                                scopes)
                        .chat("hello", answer);
                answer.await();
            } else {
                ordinary()
                        .cachedContentName("cachedContents/1")
                        .listeners(List.of(listener))
                        .build()
                        .chat("hello");
            }
        }

        assertThat(recorder.only().tokens().doubts()).containsExactly("incomplete");
    }

    @ParameterizedTest(name = "sound: {0}, streamed: {1}")
    @DisplayName(
            "has the same counts with and without a watched HTTP client if it sends only text; with sound, LangChain4j's class gives incomplete counts")
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void forms(boolean sound, boolean streamed) {
        answers(TEXTS.replace("\"TEXT\"", sound ? "\"AUDIO\"" : "\"TEXT\""));
        ChatRequest question = ChatRequest.builder()
                .messages(UserMessage.from(
                        sound ? AudioContent.from("AAAA", "audio/wav") : TextContent.from("a"), TextContent.from("b")))
                .build();

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            if (streamed) {
                Answer byClass = new Answer();
                new TrackedStreamingChatModel(streaming().build(), tracker, scopes).chat(question, byClass);
                byClass.await();
                Answer watched = new Answer();
                streaming()
                        .httpClientBuilder(WatchedHttp.builder())
                        .listeners(List.of(listener))
                        .build()
                        .chat(question, watched);
                watched.await();
            } else {
                ordinary().listeners(List.of(listener)).build().chat(question);
                ordinary()
                        .httpClientBuilder(WatchedHttp.builder())
                        .listeners(List.of(listener))
                        .build()
                        .chat(question);
            }
        }

        List<CallRecord> rows = recorder.all();
        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).tokens().doubts()).isEqualTo(sound ? Set.of("incomplete") : Set.of());
        assertThat(rows.get(1).tokens().doubts()).isEmpty();
        assertThat(rows.get(1).tokens().meters()).isEqualTo(sound ? Map.of("input_audio_tokens", 60L) : Map.of());
        if (!sound) {
            assertThat(rows.get(0).tokens()).isEqualTo(rows.get(1).tokens());
        }
    }

    @Test
    @DisplayName("through a watched HTTP client answers and fails as without it, even if nobody records the call")
    void unrecorded() {
        ChatModel model = ordinary()
                .httpClientBuilder(WatchedHttp.builder())
                .maxRetries(0)
                .build();
        answers(WITH_TOOLS);
        assertThat(model.chat("hello")).isEqualTo("The fox is quick.");

        provider.resetMappings();
        assertThatThrownBy(() -> model.chat("hello")).hasMessageContaining("No response could be served");
        assertThat(RawCall.here()).isEmpty();
    }

    private static void isBlocked(CallRecord row) {
        assertThat(row.status()).isEqualTo(CallStatus.ERROR);
        assertThat(row.errorClass()).isEqualTo("ContentFilteredException");
        assertThat(row.provider()).isEqualTo("gcp.gemini");
        assertThat(row.model()).isEqualTo("gemini-2.5-flash");
        assertThat(row.tokens().input()).isEqualTo(12);
        assertThat(row.tokens().output()).isZero();
    }

    private void answers(String answer) {
        provider.stubFor(post(urlPathMatching(".*:generateContent")).willReturn(okJson(answer)));
        provider.stubFor(post(urlPathMatching(".*:streamGenerateContent"))
                .willReturn(aResponse()
                        .withHeader("Content-Type", "text/event-stream")
                        .withBody("data: " + answer.replace("\n", " ") + "\n\n")));
    }

    private GoogleAiGeminiChatModel.GoogleAiGeminiChatModelBuilder ordinary() {
        return GoogleAiGeminiChatModel.builder()
                .baseUrl("http://localhost:" + provider.port())
                .apiKey("k")
                .modelName("gemini-2.5-flash")
                .maxRetries(0);
    }

    private GoogleAiGeminiStreamingChatModel.GoogleAiGeminiStreamingChatModelBuilder streaming() {
        return GoogleAiGeminiStreamingChatModel.builder()
                .baseUrl("http://localhost:" + provider.port())
                .apiKey("k")
                .modelName("gemini-2.5-flash");
    }

    /** A model that looks something up before it asks. */
    private record EmbedsFirst(ChatModel model, EmbeddingModel vectors, List<ChatModelListener> listeners)
            implements ChatModel {

        @Override
        public ChatResponse doChat(ChatRequest request) {
            vectors.embed("hello");
            return model.chat(request);
        }

        @Override
        public ModelProvider provider() {
            return model.provider();
        }
    }

    private static final class Vectors implements EmbeddingModel {

        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> texts) {
            return Response.from(List.of(Embedding.from(new float[] {1})), new TokenUsage(5));
        }
    }
}
