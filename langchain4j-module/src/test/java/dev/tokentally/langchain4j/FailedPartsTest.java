package dev.tokentally.langchain4j;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A call that fails after the provider has answered a part of it")
class FailedPartsTest {

    private static final String EMBEDDED = """
            {"object": "list", "model": "text-embedding-3-small", "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
             "usage": {"prompt_tokens": 8, "total_tokens": 8}}""";

    private static final String CHATTED = """
            {"id": "1", "model": "gpt-4o-mini", "choices": [{"index": 0, "message": {"role": "assistant", "content": "fox"}}],
             "usage": {"prompt_tokens": 20, "completion_tokens": 7}}""";

    /** LangChain4j cannot read this answer, and asks again. */
    private static final String UNUSABLE = CHATTED.replaceFirst("\\[.*\\]", "\"none\"");

    private static final String UNUSABLE_VECTORS = EMBEDDED.replaceFirst("\\[\\{.*\\}\\]", "\"none\"");

    private static WireMockServer provider;

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final TrackingEmbeddingModelListener listener = new TrackingEmbeddingModelListener(tally.tracker());

    @BeforeAll
    static void startProvider() {
        provider = new WireMockServer(wireMockConfig().bindAddress("127.0.0.1").dynamicPort());
        provider.stubFor(post("/v1/embeddings").atPriority(9).willReturn(okJson(EMBEDDED)));
        provider.stubFor(post("/v1/embeddings")
                .withRequestBody(containing("refused"))
                .willReturn(aResponse().withStatus(429)));
        provider.stubFor(post("/v1/embeddings")
                .withRequestBody(containing("late"))
                .willReturn(okJson(EMBEDDED).withFixedDelay(2000)));
        provider.stubFor(post("/v1/embeddings")
                .withRequestBody(containing("uncounted"))
                .willReturn(okJson("{\"data\": [{\"index\": 0, \"embedding\": [0.1, 0.2]}]}")));
        provider.stubFor(post("/v1/chat/completions").willReturn(okJson("""
                {"id": "1", "model": "gpt-4o-mini", "choices": "none", "usage": {"prompt_tokens": 10, "completion_tokens": 5}}""")));
        provider.stubFor(post("/v1/embeddings")
                .withRequestBody(containing("cut"))
                .willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
        provider.stubFor(post("/long/chat/completions").willReturn(okJson(UNUSABLE.replace("20", "150000"))));
        provider.stubFor(
                post("/cut/chat/completions").willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
        provider.stubFor(post("/uncounted/chat/completions").willReturn(okJson("""
                {"id": "1", "model": "gpt-4o-mini", "choices": []}""")));
        provider.stubFor(post("/empty/chat/completions").willReturn(okJson("""
                {"id": "1", "model": "gpt-4o-mini", "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}""")));
        provider.start();
    }

    @AfterAll
    static void stopProvider() {
        provider.stop();
    }

    @Test
    @DisplayName("may be billed, if nobody has seen the answers")
    void unseen() {
        EmbeddingModel model = failing(new RateLimitException("429"));

        assertThatThrownBy(() -> embed(model, "one", "two", "three")).isInstanceOf(RateLimitException.class);
        assertThatThrownBy(() -> embed(batches(false), "one", "two", "refused")).isInstanceOf(RateLimitException.class);

        assertThat(recorder.all()).hasSize(2).allSatisfy(FailedPartsTest::mayBeBilled);
    }

    @Test
    @DisplayName("is not billed if it has only one text, or if there was no connection")
    void inOnePart() {
        assertThatThrownBy(() -> embed(failing(new RateLimitException("429")), "one"))
                .isInstanceOf(RateLimitException.class);
        RuntimeException unconnected = new RuntimeException(new ConnectException());
        assertThatThrownBy(() -> embed(failing(unconnected), "one", "two")).isSameAs(unconnected);

        assertThat(recorder.all()).extracting(CallRecord::costSource).containsExactly(CostSource.NONE, CostSource.NONE);
    }

    @Test
    @DisplayName("has the tokens of all answers, if the HTTP client is watched")
    void watched() {
        assertThatThrownBy(() -> embed(batches(true), "one", "two", "refused")).isInstanceOf(RateLimitException.class);

        CallRecord row = recorder.only();
        assertThat(row.status()).isEqualTo(CallStatus.ERROR);
        assertThat(row.tokens().input()).isEqualTo(16);
        assertThat(row.costSource())
                .as("a list may have a price for each request")
                .isEqualTo(CostSource.PARTIAL);
    }

    @Test
    @DisplayName("is not billed if the HTTP client is watched and has seen no answer")
    void watchedWithoutAnswer() {
        assertThatThrownBy(() -> embed(batches(true), "refused", "two")).isInstanceOf(RateLimitException.class);

        assertThat(recorder.only().costSource()).isEqualTo(CostSource.NONE);
    }

    @Test
    @DisplayName("may be billed if one of the answers does not say what it used")
    void uncounted() {
        assertThatThrownBy(() -> embed(batches(true), "one", "uncounted", "refused"))
                .isInstanceOf(Exception.class);

        assertThat(recorder.all()).hasSize(1).allSatisfy(FailedPartsTest::mayBeBilled);
    }

    @Test
    @DisplayName("has an incomplete count if the provider may have answered the last request too")
    void brokenPart() {
        assertThatThrownBy(() -> embed(batches(true), "one", "late")).isInstanceOf(TimeoutException.class);

        assertThat(recorder.only().tokens().input()).isEqualTo(8);
        assertThat(recorder.only().costSource()).isEqualTo(CostSource.PARTIAL);
    }

    @ParameterizedTest(name = "watched: {0}")
    @DisplayName("may be billed if the connection of its first request broke")
    @ValueSource(booleans = {true, false})
    void brokenFirstPart(boolean watched) {
        assertThatThrownBy(() -> embed(batches(watched), "cut", "two")).isInstanceOf(RuntimeException.class);

        assertThat(recorder.all()).hasSize(1).allSatisfy(FailedPartsTest::mayBeBilled);
    }

    @ParameterizedTest(name = "watched: {0}")
    @DisplayName("is not billed if it is one request without an answer, whose connection broke")
    @ValueSource(booleans = {true, false})
    void brokenRequest(boolean watched) {
        OpenAiChatModel.OpenAiChatModelBuilder model = listened("/cut");

        assertThatThrownBy(() -> ask(watched ? model : model.httpClientBuilder(null), 0))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> embed(batches(watched), "cut")).isInstanceOf(RuntimeException.class);

        assertThat(recorder.all()).extracting(CallRecord::costSource).containsExactly(CostSource.NONE, CostSource.NONE);
    }

    @Test
    @DisplayName("has the tokens of each answer that LangChain4j could not use and asked for again")
    void unusableAnswers() {
        provider.resetRequests();

        assertThatThrownBy(() -> ask(listened("/v1"), 1)).isInstanceOf(RuntimeException.class);

        assertThat(provider.getAllServeEvents()).hasSize(2);
        assertThat(recorder.only().tokens().input()).isEqualTo(20);
        assertThat(recorder.only().tokens().output()).isEqualTo(10);
    }

    @Test
    @DisplayName("has no exact price for several answers, since the price depends on the length of each prompt")
    void longPrompts(@TempDir Path folder) throws IOException {
        String prices = Files.writeString(folder.resolve("prices.json"), """
                {"gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "output_cost_per_token": 1e-06,
                 "input_cost_per_token": 1e-06, "input_cost_per_token_above_200k_tokens": 2e-06}}""").toString();
        InMemoryTally priced = new InMemoryTally(Map.of("tokentally.prices.file", prices));
        ChatModel model = chat("/long")
                .maxRetries(1)
                .listeners(List.of(new TrackingChatModelListener(priced.tracker(), priced.scopes())))
                .build();

        try (CallScope.Handle scope = priced.scopes().enter("acme", "chat")) {
            assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RuntimeException.class);
        }

        assertThat(priced.records().only().tokens().input()).isEqualTo(300000);
        assertThat(priced.records().only().costSource()).isEqualTo(CostSource.PARTIAL);
    }

    @Test
    @DisplayName("may be billed if LangChain4j gave up a request and the provider refused the next one")
    void lateThenRefused() {
        String path = inTurn("/chat/completions", late(CHATTED), refused());

        assertThatThrownBy(() -> ask(listened(path), 1)).isInstanceOf(RateLimitException.class);

        assertThat(recorder.all()).hasSize(1).allSatisfy(FailedPartsTest::mayBeBilled);
    }

    @Test
    @DisplayName("or that succeeds at last has the tokens of the last answer, and a cost that is partial")
    void answeredAtLast() {
        ask(listened(inTurn("/chat/completions", okJson(UNUSABLE), okJson(CHATTED))), 1);
        ask(listened(inTurn("/chat/completions", late(CHATTED), okJson(CHATTED))), 1);

        assertThat(recorder.all()).hasSize(2).allSatisfy(row -> {
            assertThat(row.status()).isEqualTo(CallStatus.OK);
            assertThat(row.tokens().input()).isEqualTo(20);
            assertThat(row.tokens().output()).isEqualTo(7);
            assertThat(row.costSource()).isEqualTo(CostSource.PARTIAL);
        });
    }

    @Test
    @DisplayName("or that succeeds at last has a partial cost, also if it is an embedding")
    void embeddedAtLast() {
        embed(vectors(inTurn("/embeddings", okJson(UNUSABLE_VECTORS), okJson(EMBEDDED)), 1), "one");
        embed(vectors(inTurn("/embeddings", late(EMBEDDED), okJson(EMBEDDED)), 1), "one");

        assertThat(recorder.all()).hasSize(2).allSatisfy(row -> {
            assertThat(row.status()).isEqualTo(CallStatus.OK);
            assertThat(row.costSource()).isEqualTo(CostSource.PARTIAL);
        });
        assertThat(recorder.all()).extracting(row -> row.tokens().input()).containsExactly(16, 8);
    }

    @Test
    @DisplayName("and that sends several requests has an exact cost if each is answered once")
    void allParts() {
        embed(batches(true), "one", "two");

        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(16, 0, 0, 0, 0));
        assertThat(recorder.only().costSource()).isEqualTo(CostSource.PRICE_LIST);
    }

    @Test
    @DisplayName("of a port has the tokens of an answer at which LangChain4j itself fails")
    void unusableAnswerOfPort() {
        assertThatThrownBy(() -> askPort("/empty", 0)).isInstanceOf(UnusableAnswerException.class);

        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(10, 5, 0, 0, 0));
    }

    @Test
    @DisplayName("of a port may be billed if that answer does not say what it used")
    void uncountedAnswerOfPort() {
        assertThatThrownBy(() -> askPort("/uncounted", 0)).isInstanceOf(MalformedAnswerException.class);

        assertThat(recorder.all()).hasSize(1).allSatisfy(FailedPartsTest::mayBeBilled);
    }

    @Test
    @DisplayName("of a port has the tokens of an earlier answer, and the failure of the last request")
    void refusedPort() {
        assertThatThrownBy(() -> askPort(inTurn("/chat/completions", okJson(UNUSABLE), refused()), 1))
                .isInstanceOf(RateLimitedException.class);

        assertThat(recorder.only().errorClass()).isEqualTo("RateLimitedException");
        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(20, 7, 0, 0, 0));
        assertThat(recorder.only().costSource()).isEqualTo(CostSource.PRICE_LIST);
    }

    @Test
    @DisplayName("of a port may be billed if LangChain4j gave up an earlier request")
    void lateThenRefusedPort() {
        assertThatThrownBy(() -> askPort(inTurn("/chat/completions", late(CHATTED), refused()), 1))
                .isInstanceOf(RateLimitedException.class);

        assertThat(recorder.only().errorClass()).isEqualTo("RateLimitedException");
        assertThat(recorder.all()).allSatisfy(FailedPartsTest::mayBeBilled);
    }

    @Test
    @DisplayName("of a port has the tokens of the answer even if an Error ends it, such as a clash of libraries")
    void errorOfPort() {
        ChatModel model = chat("/empty").maxRetries(0).build();
        LinkageError clash = new LinkageError();
        LlmPort port = tally.track(new LangChain4jLlmPort(new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RuntimeException.class);
                throw clash;
            }
        }));

        for (Duration timeout : Arrays.asList(null, Duration.ofSeconds(20))) {
            try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
                assertThatThrownBy(() -> port.complete(
                                LlmRequest.of(null, "hello", null, String.class).withTimeout(timeout)))
                        .isSameAs(clash);
            }
        }

        assertThat(recorder.all())
                .hasSize(2)
                .allSatisfy(row -> assertThat(row.tokens().input()).isEqualTo(10));
    }

    private void askPort(String path, int retries) {
        LlmPort port = tally.track(
                new LangChain4jLlmPort(chat(path).maxRetries(retries).build()));
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            port.complete(LlmRequest.of(null, "hello", null, String.class));
        }
    }

    private void ask(OpenAiChatModel.OpenAiChatModelBuilder model, int retries) {
        ChatModel built = model.maxRetries(retries).build();
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            built.chat("hello");
        }
    }

    private OpenAiChatModel.OpenAiChatModelBuilder listened(String path) {
        return chat(path).listeners(List.of(new TrackingChatModelListener(tally.tracker(), scopes)));
    }

    /** A model whose HTTP client is watched. */
    private static OpenAiChatModel.OpenAiChatModelBuilder chat(String path) {
        return OpenAiChatModel.builder()
                .baseUrl("http://localhost:" + provider.port() + path)
                .apiKey("k")
                .modelName("gpt-4o-mini")
                .timeout(Duration.ofSeconds(1))
                .httpClientBuilder(WatchedHttp.builder());
    }

    /** Gives these answers one after the other. Returns the path of the API. */
    private static String inTurn(String end, ResponseDefinitionBuilder... answers) {
        String path = "/" + UUID.randomUUID();
        for (int i = 0; i < answers.length; i++) {
            provider.stubFor(post(path + end)
                    .inScenario(path)
                    .whenScenarioStateIs(i == 0 ? Scenario.STARTED : String.valueOf(i))
                    .willSetStateTo(String.valueOf(i + 1))
                    .willReturn(answers[i]));
        }
        return path;
    }

    private static ResponseDefinitionBuilder refused() {
        return aResponse().withStatus(429);
    }

    /** Comes after the client's timeout. */
    private static ResponseDefinitionBuilder late(String answer) {
        return okJson(answer).withFixedDelay(2000);
    }

    private void embed(EmbeddingModel model, String... texts) {
        try (CallScope.Handle scope = scopes.enter("acme", "index")) {
            model.embedAll(Stream.of(texts).map(TextSegment::from).toList());
        }
    }

    private static void mayBeBilled(CallRecord row) {
        assertThat(row.status()).isEqualTo(CallStatus.ERROR);
        assertThat(row.costSource()).isEqualTo(CostSource.MAYBE_BILLED);
    }

    /** A model that sends each text in a request of its own. */
    private EmbeddingModel batches(boolean watched) {
        OpenAiEmbeddingModel.OpenAiEmbeddingModelBuilder model = vectors("/v1");
        return (watched ? model : model.httpClientBuilder(null)).maxRetries(0).build();
    }

    private EmbeddingModel vectors(String path, int retries) {
        return vectors(path).maxRetries(retries).build();
    }

    private OpenAiEmbeddingModel.OpenAiEmbeddingModelBuilder vectors(String path) {
        return OpenAiEmbeddingModel.builder()
                .baseUrl("http://localhost:" + provider.port() + path)
                .apiKey("k")
                .modelName("text-embedding-3-small")
                .maxSegmentsPerBatch(1)
                .timeout(Duration.ofSeconds(1))
                .httpClientBuilder(WatchedHttp.builder())
                .listeners(List.of(listener));
    }

    /** A model of the application's. It may have asked its provider for each text in turn, and fail at the last one. */
    private EmbeddingModel failing(RuntimeException failure) {
        return new EmbeddingModel() {
            @Override
            public EmbeddingResponse doEmbed(EmbeddingRequest request) {
                throw failure;
            }

            @Override
            public List<EmbeddingModelListener> listeners() {
                return List.of(listener);
            }
        };
    }
}
