package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.bedrock.BedrockChatRequestParameters;
import dev.langchain4j.model.bedrock.BedrockServiceTier;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.tokentally.langchain4j.providers.Clients;
import dev.tokentally.langchain4j.providers.Protocol;
import dev.tokentally.langchain4j.providers.ProviderStub;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The row of an answer has what the provider's own usage object says")
class ProviderAnswersTest {

    private static final String COST = """
            {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.00042}""";

    /** OpenAI has the use of its tools beside the usage object. */
    private static final String TOOLS = """
            {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}, "tool_usage": {"web_search": {"num_requests": 2}}""";

    private static ProviderStub provider;

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final CallTracker tracker = tally.tracker();
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
                        Protocol.OPENAI.usages().get(0),
                        "flex",
                        counts(1000, 200, 400, 0, 50, Map.of("input_audio_tokens", 100L, "output_audio_tokens", 30L))),
                Arguments.of(
                        Protocol.OPENAI, Protocol.OPENAI.usages().get(1), "flex", counts(32, 319, 0, 0, 310, Map.of())),
                Arguments.of(
                        Protocol.OPENAI_RESPONSES,
                        Protocol.OPENAI_RESPONSES.usages().get(0),
                        "priority",
                        counts(75, 1186, 10, 0, 1024, Map.of())),
                Arguments.of(
                        Protocol.OPENAI_RESPONSES,
                        TOOLS,
                        "priority",
                        counts(100, 20, 0, 0, 0, Map.of("web_searches", 2L))),
                Arguments.of(
                        Protocol.ANTHROPIC,
                        Protocol.ANTHROPIC.usages().get(0),
                        "priority",
                        counts(1321, 393, 1000, 300, 0, Map.of("cache_write_1h_tokens", 200L, "web_searches", 2L))),
                Arguments.of(
                        Protocol.MISTRAL, Protocol.MISTRAL.usages().get(0), "", counts(50, 20, 16, 0, 0, Map.of())),
                Arguments.of(Protocol.GEMINI, Protocol.GEMINI.usages().get(0), "", counts(60, 50, 0, 0, 30, Map.of())),
                Arguments.of(
                        Protocol.GEMINI_WATCHED,
                        Protocol.GEMINI.usages().get(3),
                        "",
                        counts(500, 50, 0, 0, 30, Map.of("tool_prompt_tokens", 400L))),
                Arguments.of(
                        Protocol.BEDROCK, Protocol.BEDROCK.usages().get(1), "", counts(2078, 7, 2048, 0, 0, Map.of())));
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("when a listener sees an ordinary answer:")
    @MethodSource("answers")
    void ordinary(Protocol protocol, String usage, String tier, TokenCounts counts) {
        provider.answers(protocol, usage);

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThat(Clients.ordinary(protocol, provider.baseUrl(), listeners).chat("hello"))
                    .isEqualTo("fox");
        }

        is(recorder.only(), protocol, tier, counts);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("and the provider's id of the answer, from the listener and from the port:")
    @EnumSource(names = {"OPENAI", "OPENAI_RESPONSES", "ANTHROPIC", "MISTRAL"})
    void responseId(Protocol protocol) {
        provider.answers(protocol, protocol.usages().get(0));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            Clients.ordinary(protocol, provider.baseUrl(), listeners).chat("hello");
        }

        assertThat(recorder.only().links().responseId()).isEqualTo("1");
        assertThat(new LangChain4jLlmPort(Clients.ordinary(protocol, provider.baseUrl(), List.of()))
                        .complete(LlmRequest.of(null, "hello", null, String.class))
                        .responseId())
                .isEqualTo("1");
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("when a listener sees a streamed answer:")
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
    @DisplayName("when a streaming model is wrapped:")
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
    @DisplayName("when a port asks the model:")
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

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "and incomplete counts when the request asked for a special tier and LangChain4j does not tell the tier of the answer")
    @CsvSource({"DEFAULT, ''", "PRIORITY, incomplete", "FLEX, incomplete"})
    void askedTier(BedrockServiceTier tier, String doubts) {
        provider.answers(Protocol.BEDROCK, Protocol.BEDROCK.usages().get(0));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            Clients.ordinary(Protocol.BEDROCK, provider.baseUrl(), listeners)
                    .chat(ChatRequest.builder()
                            .messages(UserMessage.from("hello"))
                            .parameters(BedrockChatRequestParameters.builder()
                                    .serviceTier(tier)
                                    .build())
                            .build());
        }

        assertThat(String.join(" ", recorder.only().tokens().doubts())).isEqualTo(doubts);
    }

    @ParameterizedTest(name = "{0}, {1} tokens")
    @DisplayName(
            "and incomplete counts when some input may have come from a cache and LangChain4j's class has no field for it")
    @CsvSource({
        "azure.ai.openai, 1023, ''",
        "azure.ai.openai, 1024, incomplete",
        "gcp.vertex_ai, 1024, incomplete",
        "ollama, 1024, ''"
    })
    void noPlaceForCached(String provider, int input, String doubts) {
        ChatResponse response = ChatResponse.builder()
                .aiMessage(new AiMessage("fox"))
                .tokenUsage(new dev.langchain4j.model.output.TokenUsage(input, 5))
                .build();

        TokenUsage tokens = Used.of(provider, response, new RawCall()).tokens();
        assertThat(tokens.input()).isEqualTo(input);
        assertThat(tokens.doubts().stream().map(UsageDoubt::label).collect(Collectors.joining(" ")))
                .isEqualTo(doubts);
    }

    @Test
    @DisplayName("and the cost, if the provider is one that reports it")
    void cost() {
        provider.answers(Protocol.OPENAI, COST);
        ChatModel model = Clients.ordinary(Protocol.OPENAI, provider.baseUrl(), List.of());
        LlmRequest<String> request = LlmRequest.of(null, "hello", "acme", String.class);

        assertThat(new LangChain4jLlmPort(model, "openrouter").complete(request).costUsd())
                .isEqualTo(0.00042);
        assertThat(new LangChain4jLlmPort(model).complete(request).costUsd()).isNull();
    }

    @ParameterizedTest
    @DisplayName("and the cost of OpenRouter, Perplexity and xAI, though LangChain4j's class is OpenAI's")
    @ValueSource(
            strings = {
                "{'prompt_tokens': 10, 'completion_tokens': 5, 'cost': 0.00042, 'is_byok': false}",
                "{'prompt_tokens': 10, 'completion_tokens': 5, 'cost': {'total_cost': 0.00042}}",
                "{'prompt_tokens': 10, 'completion_tokens': 5, 'cost_in_usd_ticks': 4200000}"
            })
    void costByShape(String usage) {
        provider.answers(Protocol.OPENAI, usage.replace('\'', '"'));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            Clients.ordinary(Protocol.OPENAI, provider.baseUrl(), listeners).chat("hello");
        }

        assertThat(recorder.only().costUsd()).isEqualByComparingTo("0.00042");
        assertThat(recorder.only().costSource()).isEqualTo(CostSource.PROVIDER);
    }

    @Test
    @DisplayName("and no price if the object has a name twice, as a quote for it has none")
    void twice() {
        provider.answers(Protocol.OPENAI, "{\"prompt_tokens\": 10, \"prompt_tokens\": 1000, \"completion_tokens\": 5}");

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            Clients.ordinary(Protocol.OPENAI, provider.baseUrl(), listeners).chat("hello");
        }

        assertThat(recorder.only().tokens().doubts()).containsExactly("contradictory");
        assertThat(recorder.only().tokens().input()).isEqualTo(1000);
    }

    /** An answer with the method that the answer of Google's own client has. */
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
    @DisplayName("when Google's own client keeps the object")
    void googlesClient() {
        ChatResponse response = ChatResponse.builder()
                .aiMessage(new AiMessage("fox"))
                .metadata(new GooglesMetadata())
                .build();

        assertThat(Used.of("gcp.gen_ai", response, new RawCall()).tokens())
                .isEqualTo(TokenUsage.of(405, 6).with("tool_prompt_tokens", 400));
    }

    @Test
    @DisplayName("or what LangChain4j says, if the model has asked another model after it")
    void otherAnswerLast() {
        RawCall raw = RawCall.begin();
        raw.answered("{\"usageMetadata\": {\"promptTokenCount\": 60, \"candidatesTokenCount\": 50}}");
        raw.answered("{\"usageMetadata\": {\"promptTokenCount\": 8}}");
        raw.end();
        ChatResponse response = ChatResponse.builder()
                .aiMessage(new AiMessage("fox"))
                .tokenUsage(new dev.langchain4j.model.output.TokenUsage(60, 50))
                .build();

        assertThat(Used.of("gcp.gemini", response, raw).tokens())
                .isEqualTo(TokenUsage.of(60, 50).with(UsageDoubt.INCOMPLETE));
    }

    @Test
    @DisplayName("or what LangChain4j says, when reading the object fails, even by an Error")
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
