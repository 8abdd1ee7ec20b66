package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.moderation.Moderation;
import dev.langchain4j.model.moderation.ModerationModel;
import dev.langchain4j.model.moderation.ModerationRequest;
import dev.langchain4j.model.moderation.ModerationResponse;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.OpenCall;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.TokenCounts;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("Whatever goes wrong beside a call to LangChain4j, its answer or exception arrives")
class GuardedCallsTest {

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final Told told = new Told();

    static Stream<Throwable> faults() {
        return Stream.of(new IllegalStateException(), new NoClassDefFoundError(), new IOException());
    }

    @ParameterizedTest
    @DisplayName("and is recorded, if a streaming model cannot say what it is")
    @MethodSource("faults")
    void modelCannotSay(Throwable fault) {
        stream(new Scripted(handler -> handler.onCompleteResponse(answer("gpt-4o")), fault));

        assertThat(told.ends).hasSize(1);
        assertThat(recorder.only().status()).isEqualTo(CallStatus.OK);
        assertThat(recorder.only().model()).isEqualTo("gpt-4o");
        assertThat(recorder.only().provider()).isEmpty();
    }

    @Test
    @DisplayName("and is recorded, if a streaming model tells of no answer or no exception")
    void nothingIsTold() {
        stream(new Scripted(handler -> handler.onCompleteResponse(null), null));
        stream(new Scripted(handler -> handler.onError(null), null));

        assertThat(told.ends).containsExactly(null, null);
        assertThat(recorder.all()).extracting(CallRecord::status).containsExactly(CallStatus.OK, CallStatus.ERROR);
        assertThat(recorder.all()).extracting(CallRecord::model).containsOnly("asked");
        assertThat(recorder.all().get(0).tokens()).isEqualTo(TokenCounts.ZERO);
        assertThat(recorder.all().get(1).errorClass()).isEqualTo("NullPointerException");
    }

    @ParameterizedTest
    @DisplayName("and is recorded, if a streamed or an ordinary answer cannot say what it used")
    @MethodSource("faults")
    void answerCannotSay(Throwable fault) {
        ChatResponse silent = ChatResponse.builder()
                .aiMessage(AiMessage.from("a"))
                .metadata(new SilentMetadata(fault))
                .build();
        ChatModel model = ordinary(silent, new TrackingChatModelListener(tally.tracker(), scopes));

        stream(new Scripted(handler -> handler.onCompleteResponse(silent), null));
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThat(model.chat(request())).isSameAs(silent);
            assertThat(tally.track(new LangChain4jLlmPort(model))
                            .complete(LlmRequest.of(null, "hello", "acme", String.class))
                            .content())
                    .isEqualTo("a");
        }

        assertThat(told.ends).containsExactly(silent);
        assertThat(recorder.all()).hasSize(3).allSatisfy(row -> {
            assertThat(row.status()).isEqualTo(CallStatus.OK);
            assertThat(row.model()).isEqualTo("asked");
            assertThat(row.tokens()).isEqualTo(TokenCounts.ZERO);
        });
    }

    @ParameterizedTest
    @DisplayName("and is recorded, if the model behind a port cannot say what it is")
    @MethodSource("faults")
    void modelOfPortCannotSay(Throwable fault) {
        ChatModel model = new ChatModel() {
            @Override
            public ChatResponse chat(ChatRequest asked) {
                return answer("gpt-4o");
            }

            @Override
            public ChatRequestParameters defaultRequestParameters() {
                throw as(fault);
            }

            @Override
            public ModelProvider provider() {
                throw as(fault);
            }
        };
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            assertThat(tally.track(new LangChain4jLlmPort(model))
                            .complete(LlmRequest.of(null, "hello", "acme", String.class))
                            .content())
                    .isEqualTo("a");
        }

        assertThat(recorder.only().model()).isEqualTo("gpt-4o");
        assertThat(recorder.only().provider()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("and is recorded, if the answer of a model of another kind cannot say what it used")
    @MethodSource("faults")
    void otherKindCannotSay(Throwable fault) {
        Response<List<Double>> ranks = Response.from(List.of(0.5), new SilentUsage(fault));
        Response<List<Embedding>> vectors =
                Response.from(List.of(Embedding.from(new float[] {1})), new SilentUsage(fault));
        ScoringModel scoring = new TrackedModels(tally.tracker()).scoring((segments, query) -> ranks, "voyage", "r-2");
        EmbeddingModel embedding =
                new Vectors(vectors).addListener(new TrackingEmbeddingModelListener(tally.tracker()));

        try (CallScope.Handle scope = scopes.enter("acme", "rank")) {
            assertThat(scoring.scoreAll(List.of(TextSegment.from("fox")), "quick?"))
                    .isSameAs(ranks);
            assertThat(embedding.embedAll(List.of(TextSegment.from("fox")))).isSameAs(vectors);
        }

        assertThat(recorder.all()).hasSize(2).allSatisfy(row -> {
            assertThat(row.status()).isEqualTo(CallStatus.OK);
            assertThat(row.tokens().doubts()).containsExactly("input_unknown");
        });
    }

    @ParameterizedTest
    @DisplayName("if the tracker fails, as CDI's proxy of it does while an application stops")
    @MethodSource("faults")
    void trackerFails(Throwable fault) {
        CallTracker broken = new CallTracker(null, null, null) {
            @Override
            public OpenCall begin() {
                throw as(fault);
            }
        };

        everyKindAnswers(broken, scopes);
    }

    @ParameterizedTest
    @DisplayName("if the scopes fail, as CDI's proxy of them does while an application stops")
    @MethodSource("faults")
    void scopesFail(Throwable fault) {
        CallScope broken = new CallScope() {
            @Override
            public Optional<Current> current() {
                throw as(fault);
            }
        };

        everyKindAnswers(tally.tracker(), broken);
        assertThat(recorder.all()).isNotEmpty();
    }

    @ParameterizedTest
    @DisplayName("if the scopes fail when a port asks its model on another thread")
    @MethodSource("faults")
    void scopesOfPortFail(Throwable fault) throws Exception {
        CallScope broken = new CallScope() {
            @Override
            public Optional<Current> current() {
                throw as(fault);
            }
        };
        ChatResponse answer = answer("gpt-4o");

        assertThat(new ModelThreads(broken).ask(() -> answer, Duration.ofMinutes(1), new AtomicInteger()))
                .isSameAs(answer);
    }

    @Test
    @DisplayName("if there is no room on the stack for the end of the call")
    void stackIsFull() {
        OpenCall full = (OpenCall) Proxy.newProxyInstance(
                OpenCall.class.getClassLoader(), new Class<?>[] {OpenCall.class}, (call, method, arguments) -> {
                    throw new StackOverflowError();
                });
        CallTracker tracker = new CallTracker(null, null, null) {
            @Override
            public OpenCall begin() {
                return full;
            }
        };

        everyKindAnswers(tracker, scopes);

        IllegalArgumentException thrown = new IllegalArgumentException();
        StreamingChatModel refuses = new TrackedStreamingChatModel(
                new Scripted(
                        handler -> {
                            throw thrown;
                        },
                        null),
                tracker,
                scopes);
        ScoringModel refused = new TrackedModels(tracker)
                .scoring(
                        (segments, query) -> {
                            throw thrown;
                        },
                        null,
                        null);
        assertThat(catchThrowable(() -> refuses.chat(request(), told))).isSameAs(thrown);
        assertThat(catchThrowable(() -> refused.score("fox", "quick?"))).isSameAs(thrown);
        assertThat(thrown).hasNoSuppressedExceptions();
    }

    private void everyKindAnswers(CallTracker tracker, CallScope theirs) {
        ChatResponse answer = answer("gpt-4o");
        TrackingModerationModelListener moderations = new TrackingModerationModelListener(tracker);
        ModerationModel moderation = new ModerationModel() {
            @Override
            public ModerationResponse doModerate(ModerationRequest asked) {
                return ModerationResponse.builder()
                        .moderation(Moderation.notFlagged())
                        .build();
            }

            @Override
            public List<ModerationModelListener> listeners() {
                return List.of(moderations);
            }
        };
        Response<List<Embedding>> vectors = Response.from(List.of(Embedding.from(new float[] {1})));
        Response<List<Double>> ranks = Response.from(List.of(0.5));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            new TrackedStreamingChatModel(
                            new Scripted(
                                    handler -> {
                                        handler.onPartialResponse("a");
                                        handler.onCompleteResponse(answer);
                                    },
                                    null),
                            tracker,
                            theirs)
                    .chat(request(), told);
            assertThat(ordinary(answer, new TrackingChatModelListener(tracker, theirs))
                            .chat(request()))
                    .isSameAs(answer);
            assertThat(new Vectors(vectors)
                            .addListener(new TrackingEmbeddingModelListener(tracker))
                            .embedAll(List.of(TextSegment.from("fox"))))
                    .isSameAs(vectors);
            assertThat(moderation.moderate("fox").content().flagged()).isFalse();
            assertThat(new TrackedModels(tracker)
                            .scoring((segments, query) -> ranks, null, null)
                            .scoreAll(List.of(TextSegment.from("fox")), "quick?"))
                    .isSameAs(ranks);
        }

        assertThat(told.parts).containsExactly("a");
        assertThat(told.ends).containsExactly(answer);
    }

    private void stream(StreamingChatModel model) {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            new TrackedStreamingChatModel(model, tally.tracker(), scopes).chat(request(), told);
        }
    }

    private static ChatRequest request() {
        return ChatRequest.builder()
                .messages(UserMessage.from("hello"))
                .modelName("asked")
                .build();
    }

    private static ChatResponse answer(String model) {
        return ChatResponse.builder()
                .aiMessage(AiMessage.from("a"))
                .modelName(model)
                .build();
    }

    private static ChatModel ordinary(ChatResponse answer, ChatModelListener listener) {
        return new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                return answer;
            }

            @Override
            public List<ChatModelListener> listeners() {
                return List.of(listener);
            }

            @Override
            public ChatRequestParameters defaultRequestParameters() {
                return ChatRequestParameters.builder().modelName("asked").build();
            }
        };
    }

    /** Also throws checked exceptions, as Kotlin or a proxy would. */
    private static RuntimeException as(Throwable fault) {
        throw GuardedCallsTest.<RuntimeException>sneaky(fault);
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X sneaky(Throwable fault) throws X {
        throw (X) fault;
    }

    /** A model that does what the test says on the caller's thread; {@code fault} is thrown when it is asked what it is. */
    private record Scripted(Consumer<StreamingChatResponseHandler> script, Throwable fault)
            implements StreamingChatModel {

        @Override
        public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
            script.accept(handler);
        }

        @Override
        public ChatRequestParameters defaultRequestParameters() {
            if (fault != null) {
                throw as(fault);
            }
            return ChatRequestParameters.builder().build();
        }

        @Override
        public ModelProvider provider() {
            if (fault != null) {
                throw as(fault);
            }
            return ModelProvider.OPEN_AI;
        }
    }

    private record Vectors(Response<List<Embedding>> answer) implements EmbeddingModel {

        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return answer;
        }
    }

    private static final class SilentMetadata extends ChatResponseMetadata {

        private final Throwable fault;

        SilentMetadata(Throwable fault) {
            super(ChatResponseMetadata.builder());
            this.fault = fault;
        }

        @Override
        public TokenUsage tokenUsage() {
            throw as(fault);
        }
    }

    private static final class SilentUsage extends TokenUsage {

        private final Throwable fault;

        SilentUsage(Throwable fault) {
            this.fault = fault;
        }

        @Override
        public Integer inputTokenCount() {
            throw as(fault);
        }
    }

    /** What the application was told. */
    private static final class Told implements StreamingChatResponseHandler {

        private final List<String> parts = new ArrayList<>();
        private final List<Object> ends = new ArrayList<>();

        @Override
        public void onPartialResponse(String part) {
            parts.add(part);
        }

        @Override
        public void onCompleteResponse(ChatResponse answer) {
            ends.add(answer);
        }

        @Override
        public void onError(Throwable error) {
            ends.add(error);
        }
    }
}
