package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.tokentally.langchain4j.providers.Clients;
import dev.tokentally.langchain4j.providers.Protocol;
import dev.tokentally.langchain4j.providers.ProviderStub;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.ScopePerThread;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.RecordsInMemory;
import dev.tokentally.tracking.Trackers;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.TokenCounts;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The row of an answer has what the provider's own usage object says")
class ProviderAnswersTest {

    private static final String OPENAI = """
            {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200,
             "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": 100},
             "completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": 30}}""";

    private static final String BESIDE = """
            {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 351, "completion_tokens_details": {"reasoning_tokens": 310}}""";

    private static final String COST = """
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.00042}""";

    private static final String RESPONSES = """
            {"input_tokens": 75, "input_tokens_details": {"cached_tokens": 10}, "output_tokens": 1186,
             "output_tokens_details": {"reasoning_tokens": 1024}, "total_tokens": 1261}""";

    private static final String ANTHROPIC = """
            {"input_tokens": 21, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 1000,
             "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
             "output_tokens": 393, "service_tier": "priority", "server_tool_use": {"web_search_requests": 2}}""";

    private static final String MISTRAL = """
            {"prompt_tokens": 50, "total_tokens": 70, "completion_tokens": 20, "num_cached_tokens": 16}""";

    private static ProviderStub provider;

    private final RecordsInMemory recorder = new RecordsInMemory();
    private final ScopePerThread scopes = new ScopePerThread();
    private final CallTracker tracker = Trackers.tracker(scopes, recorder);
    private final List<ChatModelListener> listeners = List.of(new TrackingChatModelListener(tracker, scopes));

    @BeforeAll
    static void startProvider() {
        provider = ProviderStub.start();
    }

    @AfterAll
    static void stopProvider() {
        provider.close();
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of(
                        Protocol.OPENAI,
                        OPENAI,
                        "flex",
                        counts(1000, 200, 400, 0, 50, Map.of("input_audio_tokens", 100L, "output_audio_tokens", 30L))),
                Arguments.of(Protocol.OPENAI, BESIDE, "flex", counts(32, 319, 0, 0, 310, Map.of())),
                Arguments.of(Protocol.OPENAI_RESPONSES, RESPONSES, "priority", counts(75, 1186, 10, 0, 1024, Map.of())),
                Arguments.of(
                        Protocol.ANTHROPIC,
                        ANTHROPIC,
                        "priority",
                        counts(1321, 393, 1000, 300, 0, Map.of("cache_write_1h_tokens", 200L, "web_searches", 2L))),
                Arguments.of(Protocol.MISTRAL, MISTRAL, "", counts(50, 20, 16, 0, 0, Map.of())));
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("where a listener sees an ordinary answer:")
    @MethodSource("answers")
    void ordinary(Protocol protocol, String usage, String tier, TokenCounts counts) {
        provider.answers(protocol, usage);

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThat(Clients.ordinary(protocol, provider.baseUrl(), listeners).chat("hello"))
                    .isEqualTo("fox");
        }

        is(recorder.only(), protocol, tier, counts);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("where a listener sees a streamed answer:")
    @MethodSource("answers")
    void streamed(Protocol protocol, String usage, String tier, TokenCounts counts) {
        provider.streams(protocol, usage);

        Answer answer = new Answer();
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            Clients.streaming(protocol, provider.baseUrl(), listeners).chat("hello", answer);
        }
        answer.await();

        is(recorder.only(), protocol, tier, counts);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("where a streaming model is wrapped:")
    @MethodSource("answers")
    void wrapped(Protocol protocol, String usage, String tier, TokenCounts counts) {
        provider.streams(protocol, usage);

        Answer answer = new Answer();
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            new TrackedStreamingChatModel(Clients.streaming(protocol, provider.baseUrl(), List.of()), tracker, scopes)
                    .chat("hello", answer);
        }
        answer.await();

        is(recorder.only(), protocol, tier, counts);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("where a port asks the model:")
    @MethodSource("answers")
    void port(Protocol protocol, String usage, String tier, TokenCounts counts) {
        provider.answers(protocol, usage);

        LlmResponse<String> answer = new LangChain4jLlmPort(Clients.ordinary(protocol, provider.baseUrl(), List.of()))
                .complete(LlmRequest.of(null, "hello", "acme", String.class));

        TokenUsage tokens = answer.tokens();
        assertThat(new TokenCounts(
                        tokens.input(),
                        tokens.output(),
                        tokens.cachedInput(),
                        tokens.cacheWrite(),
                        tokens.reasoning(),
                        tokens.meters(),
                        Set.of()))
                .isEqualTo(counts);
        assertThat(answer.serviceTier()).isEqualTo(tier);
    }

    @Test
    @DisplayName("with the cost, where the provider is one that says it")
    void cost() {
        provider.answers(Protocol.OPENAI, COST);
        ChatModel model = Clients.ordinary(Protocol.OPENAI, provider.baseUrl(), List.of());
        LlmRequest<String> request = LlmRequest.of(null, "hello", "acme", String.class);

        assertThat(new LangChain4jLlmPort(model, "openrouter").complete(request).costUsd())
                .isEqualTo(0.00042);
        assertThat(new LangChain4jLlmPort(model).complete(request).costUsd()).isNull();
    }

    /** As the answer of Google's own client offers it. */
    public static final class GooglesMetadata extends ChatResponseMetadata {

        GooglesMetadata() {
            super(ChatResponseMetadata.builder().tokenUsage(new dev.langchain4j.model.output.TokenUsage(5, 6, 411)));
        }

        public GooglesMetadata rawResponse() {
            return this;
        }

        public String toJson() {
            return "{\"candidates\": [{}], \"usageMetadata\": {\"promptTokenCount\": 5, \"candidatesTokenCount\": 6,"
                    + " \"toolUsePromptTokenCount\": 400, \"totalTokenCount\": 411}}";
        }
    }

    @Test
    @DisplayName("where Google's own client keeps it")
    void googlesClient() {
        ChatResponse response = ChatResponse.builder()
                .aiMessage(new AiMessage("fox"))
                .metadata(new GooglesMetadata())
                .build();

        assertThat(Used.of("gcp.gen_ai", response, new RawCall()).tokens())
                .isEqualTo(TokenUsage.of(405, 6).with("tool_prompt_tokens", 400));
    }

    @Test
    @DisplayName("or what LangChain4j says, where the reading fails, and be it by an Error")
    void fault() {
        assertThat(Used.guarded(() -> {
                    throw new NoClassDefFoundError("jakarta/json/Json");
                }))
                .isEmpty();
        assertThat(Used.guarded(() -> 1)).contains(1);
    }

    private static void is(CallRecord row, Protocol protocol, String tier, TokenCounts counts) {
        assertThat(row.tokens()).isEqualTo(counts);
        assertThat(row.usage().serviceTier()).isEqualTo(tier);
        assertThat(row.provider()).isEqualTo(protocol.provider());
        assertThat(row.model()).isEqualTo("m-1");
    }

    private static TokenCounts counts(
            int input, int output, int cached, int written, int reasoning, Map<String, Long> meters) {
        return new TokenCounts(input, output, cached, written, reasoning, meters, Set.of());
    }
}
