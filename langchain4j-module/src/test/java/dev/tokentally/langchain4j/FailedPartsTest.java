package dev.tokentally.langchain4j;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.ChatModel;
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
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A call that fails after the provider has answered a part of it")
class FailedPartsTest {

    private static final String EMBEDDED = """
            {"object": "list", "model": "text-embedding-3-small", "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
             "usage": {"prompt_tokens": 8, "total_tokens": 8}}""";

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
        assertThat(row.tokens()).isEqualTo(new TokenCounts(16, 0, 0, 0, 0));
        assertThat(row.costSource()).isEqualTo(CostSource.PRICE_LIST);
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

    @Test
    @DisplayName("has the tokens of each answer that LangChain4j could not use and asked for again")
    void unusableAnswers() {
        ChatModel model = OpenAiChatModel.builder()
                .baseUrl("http://localhost:" + provider.port() + "/v1")
                .apiKey("k")
                .modelName("gpt-4o-mini")
                .maxRetries(1)
                .httpClientBuilder(WatchedHttp.builder())
                .listeners(List.of(new TrackingChatModelListener(tally.tracker(), scopes)))
                .build();
        provider.resetRequests();

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RuntimeException.class);
        }

        assertThat(provider.getAllServeEvents()).hasSize(2);
        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(20, 10, 0, 0, 0));
    }

    @Test
    @DisplayName("of a port has the tokens of an answer at which LangChain4j itself fails")
    void unusableAnswerOfPort() {
        LlmPort port = tally.track(new LangChain4jLlmPort(OpenAiChatModel.builder()
                .baseUrl("http://localhost:" + provider.port() + "/empty")
                .apiKey("k")
                .modelName("gpt-4o-mini")
                .maxRetries(0)
                .httpClientBuilder(WatchedHttp.builder())
                .build()));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThatThrownBy(() -> port.complete(LlmRequest.of(null, "hello", null, String.class)))
                    .isInstanceOf(UnusableAnswerException.class);
        }

        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(10, 5, 0, 0, 0));
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
        OpenAiEmbeddingModel.OpenAiEmbeddingModelBuilder model = OpenAiEmbeddingModel.builder()
                .baseUrl("http://localhost:" + provider.port() + "/v1")
                .apiKey("k")
                .modelName("text-embedding-3-small")
                .maxRetries(0)
                .maxSegmentsPerBatch(1)
                .timeout(Duration.ofSeconds(1))
                .listeners(List.of(listener));
        return (watched ? model.httpClientBuilder(WatchedHttp.builder()) : model).build();
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
