package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel.OpenAiChatModelBuilder;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.openai.Shape;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.OpenCall;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A model with the listener")
class TrackingChatModelListenerTest {

    private static OpenAiStub provider;

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final CallTracker tracker = tally.tracker();
    private final TrackingChatModelListener listener = new TrackingChatModelListener(tracker, scopes);

    @BeforeAll
    static void startProvider() {
        provider = OpenAiStub.start();
    }

    @AfterAll
    static void stopProvider() {
        provider.close();
    }

    @BeforeEach
    void forget() {
        provider.forget();
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of(Shape.SUCCESS, "gpt-4o-mini-2024-07-18", new TokenCounts(19, 10, 0, 0, 0)),
                Arguments.of(Shape.CACHED, "gpt-4o-mini-2024-07-18", new TokenCounts(2006, 300, 1920, 0, 0)),
                Arguments.of(Shape.REASONING, "o4-mini-2025-04-16", new TokenCounts(75, 1186, 0, 0, 1024)),
                Arguments.of(Shape.NO_USAGE, "gpt-4o-mini-2024-07-18", TokenCounts.ZERO));
    }

    @ParameterizedTest
    @DisplayName("gets a row for an answer, with the answer's model and tokens and a price by them")
    @MethodSource("answers")
    void answered(Shape shape, String model, TokenCounts tokens) {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThat(model(shape).chat("hello")).isNotBlank();
        }

        CallRecord record = recorder.only();
        assertThat(recorder.whileTheCallerWaits()).hasSize(1);
        assertThat(record.tenantId()).isEqualTo("acme");
        assertThat(record.operation()).isEqualTo("chat");
        assertThat(record.provider()).isEqualTo("openai");
        assertThat(record.model()).isEqualTo(model);
        assertThat(record.usage().requestedModel()).isEqualTo(shape.model());
        assertThat(record.tokens()).isEqualTo(tokens);
        assertThat(record.costSource())
                .isEqualTo(tokens.equals(TokenCounts.ZERO) ? CostSource.NONE : CostSource.PRICE_LIST);
        assertThat(record.firstToken()).isNull();
        assertThat(record.status()).isEqualTo(CallStatus.OK);
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(Shape.RATE_LIMITED, "RateLimitException"),
                Arguments.of(Shape.SERVER_ERROR, "InternalServerException"),
                Arguments.of(Shape.MALFORMED, "JsonMappingException"),
                Arguments.of(Shape.CUT, "IOException"),
                Arguments.of(Shape.LATE, "TimeoutException"));
    }

    @ParameterizedTest
    @DisplayName(
            "gets a row for a failure, with the requested model and the class of the first cause, not of its wrappers")
    @MethodSource("failures")
    void failed(Shape shape, String errorClass) {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThatThrownBy(() -> model(shape).chat("hello")).isInstanceOf(RuntimeException.class);
        }

        CallRecord record = recorder.only();
        assertThat(record.status()).isEqualTo(CallStatus.ERROR);
        assertThat(record.errorClass()).isEqualTo(errorClass);
        assertThat(record.provider()).isEqualTo("openai");
        assertThat(record.model()).isEqualTo(shape.model());
        assertThat(record.usage().requestedModel()).isEqualTo(shape.model());
        assertThat(record.tokens()).isEqualTo(TokenCounts.ZERO);
    }

    @Test
    @DisplayName("gets one row for all retries of LangChain4j; without its retries, each request gets one")
    void retries() {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            ChatModel retrying = openAi(Shape.SERVER_ERROR)
                    .maxRetries(1)
                    .listeners(List.of(listener))
                    .build();
            assertThatThrownBy(() -> retrying.chat("hello")).isInstanceOf(InternalServerException.class);
            assertThat(provider.log()).hasSize(2);
            assertThat(recorder.whileTheCallerWaits()).hasSize(1);

            assertThatThrownBy(() -> model(Shape.RATE_LIMITED).chat("hello")).isInstanceOf(RateLimitException.class);
            assertThat(provider.log()).hasSize(3);
            assertThat(recorder.whileTheCallerWaits()).hasSize(2);
        }
    }

    @Test
    @DisplayName("answers without a call scope too, and the missing scope is reported")
    void withoutScope() {
        assertThat(model(Shape.SUCCESS).chat("hello")).isEqualTo("The fox is quick.");

        assertThat(recorder.whileTheCallerWaits()).isEmpty();
        assertThat(recorder.withoutScope()).hasSize(1);
    }

    @Test
    @DisplayName("gets one row even if the listener is there twice or in two instances")
    void twice() {
        ChatModel model = openAi(Shape.SUCCESS)
                .listeners(List.of(listener, listener, new TrackingChatModelListener(tracker, scopes)))
                .build();
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            model.chat("hello");
        }

        assertThat(recorder.whileTheCallerWaits()).hasSize(1);
    }

    @Test
    @DisplayName("gets no row of its own inside a call that is recorded already, such as a port's")
    void partOfAnotherCall() {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            OpenCall call = tracker.begin();
            try (CallScope.Handle inside = call.enter()) {
                model(Shape.SUCCESS).chat("hello");
            }
            call.failed(new IllegalStateException());
        }

        assertThat(recorder.only().errorClass()).isEqualTo("IllegalStateException");
    }

    @Test
    @DisplayName("whose answer names no model and whose provider is unknown gets the requested model in its row")
    void namesNothing() {
        ChatModel bare = new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                return ChatResponse.builder()
                        .aiMessage(dev.langchain4j.data.message.AiMessage.from("hi"))
                        .build();
            }

            @Override
            public List<ChatModelListener> listeners() {
                return List.of(listener);
            }

            @Override
            public ModelProvider provider() {
                return null;
            }
        };
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            bare.chat(ChatRequest.builder()
                    .messages(dev.langchain4j.data.message.UserMessage.from("hello"))
                    .modelName("llama")
                    .build());
            bare.chat("hello");
        }

        assertThat(recorder.whileTheCallerWaits()).extracting(CallRecord::model).containsExactly("llama", "");
        assertThat(recorder.whileTheCallerWaits())
                .extracting(CallRecord::provider)
                .containsOnly("");
    }

    private ChatModel model(Shape shape) {
        return openAi(shape).listeners(List.of(listener)).build();
    }

    private static OpenAiChatModelBuilder openAi(Shape shape) {
        return OpenAiChatModel.builder()
                .baseUrl(provider.baseUrl())
                .apiKey(OpenAiStub.KEY)
                .modelName(shape.model())
                .timeout(shape == Shape.LATE ? Duration.ofMillis(300) : Duration.ofSeconds(20))
                .maxRetries(0);
    }
}
