package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.CancellationUnsupportedHandle;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.openai.Shape;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.recording.Recorders;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.ScopePerThread;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
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

@DisplayName("A streamed answer")
class TrackedStreamingChatModelTest {

    private static OpenAiStub provider;

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final CallTracker tracker = tally.tracker();
    private final TrackingChatModelListener listener = new TrackingChatModelListener(tracker, scopes);
    private final Answer answer = new Answer();

    @BeforeAll
    static void startProvider() {
        provider = OpenAiStub.start();
    }

    @AfterAll
    static void stopProvider() {
        provider.close();
    }

    /** The ways in which an application can record its streams. */
    enum By {
        LISTENER,
        WRAPPER,
        BOTH,
        TWO_WRAPPERS
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of(Shape.SUCCESS, "gpt-4o-mini-2024-07-18", new TokenCounts(19, 10, 0, 0, 0)),
                Arguments.of(Shape.CACHED, "gpt-4o-mini-2024-07-18", new TokenCounts(2006, 300, 1920, 0, 0)),
                Arguments.of(Shape.REASONING, "o4-mini-2025-04-16", new TokenCounts(75, 1186, 0, 0, 1024)),
                Arguments.of(Shape.NO_USAGE, "gpt-4o-mini-2024-07-18", TokenCounts.ZERO));
    }

    @ParameterizedTest
    @DisplayName(
            "gets a row with the usage that its last part reports, and does not wait for the store on another thread")
    @MethodSource("answers")
    void answered(Shape shape, String model, TokenCounts tokens) {
        ask(model(By.WRAPPER, shape));

        assertThat(answer.text()).isEqualTo("The fox is quick.");
        CallRecord record = recorder.only();
        assertThat(recorder.withoutWaiting()).hasSize(1);
        assertThat(record.tenantId()).isEqualTo("acme");
        assertThat(record.provider()).isEqualTo("openai");
        assertThat(record.model()).isEqualTo(model);
        assertThat(record.tokens()).isEqualTo(tokens);
        assertThat(record.firstToken()).isNotNull().isLessThanOrEqualTo(record.callDuration());
        assertThat(record.status()).isEqualTo(CallStatus.OK);
    }

    @Test
    @DisplayName("that comes on the thread that asked for it, while it asks, is recorded as any call of this thread")
    void onTheThreadThatAsks() {
        ask(tracked(new Scripted(handler -> handler.onCompleteResponse(response("gpt-4o")))));

        assertThat(recorder.only().model()).isEqualTo("gpt-4o");
        assertThat(recorder.whileTheCallerWaits()).hasSize(1);
    }

    @ParameterizedTest
    @DisplayName("gets one row, whether a listener, a wrapper or several of them record it")
    @EnumSource
    void oneRow(By by) {
        ask(model(by, Shape.SUCCESS));

        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(19, 10, 0, 0, 0));
        assertThat(recorder.only().firstToken() == null).isEqualTo(by == By.LISTENER);
    }

    @ParameterizedTest
    @DisplayName("has the span in which it was requested, whatever records it and on whichever thread it arrives")
    @EnumSource
    void traced(By by) {
        SpanContext span =
                SpanContext.create("a".repeat(32), "b".repeat(16), TraceFlags.getSampled(), TraceState.getDefault());
        try (Scope inside = Span.wrap(span).makeCurrent()) {
            ask(model(by, Shape.SUCCESS));
        }

        assertThat(recorder.only().links().traceId()).isEqualTo(span.getTraceId());
        assertThat(recorder.only().links().spanId()).isEqualTo(span.getSpanId());
    }

    static Stream<Arguments> failures() {
        return Stream.of(By.LISTENER, By.WRAPPER)
                .flatMap(by -> Stream.of(
                        Arguments.of(by, Shape.RATE_LIMITED, "RateLimitException", CostSource.NONE),
                        Arguments.of(by, Shape.SERVER_ERROR, "InternalServerException", CostSource.NONE),
                        Arguments.of(by, Shape.MALFORMED, "JsonEOFException", CostSource.MAYBE_BILLED),
                        Arguments.of(by, Shape.CUT, "IOException", CostSource.MAYBE_BILLED),
                        Arguments.of(by, Shape.LATE, "TimeoutException", CostSource.MAYBE_BILLED)));
    }

    @ParameterizedTest
    @DisplayName(
            "that fails, breaks off or is not JSON gets a row with the class of the error, and says if it may have been billed")
    @MethodSource("failures")
    void failed(By by, Shape shape, String errorClass, CostSource source) {
        ask(model(by, shape));

        assertThat(answer.error()).isNotNull();
        assertThat(recorder.only().status()).isEqualTo(CallStatus.ERROR);
        assertThat(recorder.only().errorClass()).isEqualTo(errorClass);
        assertThat(recorder.only().provider()).isEqualTo("openai");
        assertThat(recorder.only().model()).isEqualTo(shape.model());
        assertThat(recorder.only().costSource()).isEqualTo(source);
    }

    static Stream<Arguments> breaks() {
        return Stream.of(By.LISTENER, By.WRAPPER)
                .flatMap(by -> Stream.of(
                        Arguments.of(by, new IOException("closed"), CostSource.MAYBE_BILLED),
                        Arguments.of(by, new UncheckedIOException(new EOFException()), CostSource.MAYBE_BILLED),
                        Arguments.of(by, new SSLException("closed"), CostSource.MAYBE_BILLED),
                        Arguments.of(by, new SocketException("Connection reset"), CostSource.MAYBE_BILLED),
                        Arguments.of(by, new ConnectException(), CostSource.NONE),
                        Arguments.of(by, new RuntimeException(new ConnectException()), CostSource.NONE),
                        Arguments.of(by, new IOException(new ConnectException()), CostSource.NONE),
                        Arguments.of(by, new UnknownHostException("nowhere"), CostSource.NONE),
                        Arguments.of(by, new NoRouteToHostException(), CostSource.NONE),
                        Arguments.of(by, new SSLHandshakeException("no trust"), CostSource.NONE),
                        Arguments.of(by, new HttpConnectTimeoutException("late"), CostSource.NONE),
                        Arguments.of(by, new TimeoutException(new ConnectTimeoutException()), CostSource.NONE),
                        Arguments.of(by, new ConnectionRequestTimeoutException(), CostSource.NONE),
                        Arguments.of(by, new SocketTimeoutException("Connect timed out"), CostSource.NONE),
                        Arguments.of(by, new SocketTimeoutException("Read timed out"), CostSource.MAYBE_BILLED),
                        Arguments.of(by, new IOException(new UnresolvedAddressException()), CostSource.NONE),
                        Arguments.of(by, new IllegalArgumentException("401"), CostSource.NONE)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("whose connection breaks before its first token may have been billed, unless it was never connected")
    @MethodSource("breaks")
    void broken(By by, Exception thrown, CostSource source) {
        Scripted model =
                new Scripted(handler -> handler.onError(thrown), by == By.LISTENER ? List.of(listener) : List.of());

        ask(by == By.LISTENER ? model : tracked(model));

        assertThat(recorder.only().costSource()).isEqualTo(source);
        assertThat(recorder.only().firstToken()).isNull();
    }

    @ParameterizedTest
    @DisplayName("that cannot be connected was not billed")
    @EnumSource(names = {"LISTENER", "WRAPPER"})
    void refused(By by) {
        OpenAiStreamingChatModelBuilder nowhere = openAi(Shape.SUCCESS).baseUrl("http://127.0.0.1:1/v1");

        ask(
                by == By.WRAPPER
                        ? tracked(nowhere.build())
                        : nowhere.listeners(List.of(listener)).build());

        assertThat(recorder.only().costSource()).isEqualTo(CostSource.NONE);
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("that fails after its first event may have been billed, if the HTTP client is watched")
    @CsvSource({
        "LISTENER, {\"id\": \"1\"}, MAYBE_BILLED",
        "WRAPPER, {\"id\": \"1\"}, MAYBE_BILLED",
        "LISTENER, '{\"error\": {\"message\": \"overloaded\"}}', NONE",
        "WRAPPER, '{\"error\": {\"message\": \"overloaded\"}}', NONE"
    })
    void begun(By by, String event, CostSource source) {
        OpenAiStreamingChatModelBuilder watched = openAi(Shape.SUCCESS)
                .httpClientBuilder(WatchedHttp.around(new ScriptedClients(
                        List.of(new ServerSentEvent(null, event)), new UnsupportedOperationException("no event"))));

        ask(
                by == By.WRAPPER
                        ? tracked(watched.build())
                        : watched.listeners(List.of(listener)).build());

        assertThat(recorder.only().status()).isEqualTo(CallStatus.ERROR);
        assertThat(recorder.only().costSource()).isEqualTo(source);
    }

    @Test
    @DisplayName("has no part in an ordinary request that its handler makes and that fails")
    void ordinaryInHandler() {
        ChatModel ordinary = new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                throw new UncheckedIOException(new IOException("closed"));
            }

            @Override
            public List<ChatModelListener> listeners() {
                return List.of(listener);
            }
        };
        answer.onComplete = () -> {
            try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
                assertThatThrownBy(() -> ordinary.chat("hello")).isInstanceOf(UncheckedIOException.class);
            }
        };

        ask(new Scripted(handler -> handler.onCompleteResponse(response("gpt-4o")), List.of(listener)));

        assertThat(recorder.all()).extracting(CallRecord::costSource).doesNotContain(CostSource.MAYBE_BILLED);
    }

    @Test
    @DisplayName("that is slow has its first token long before its end")
    void slow() {
        ask(model(By.WRAPPER, Shape.SLOW));

        CallRecord record = recorder.only();
        assertThat(record.firstToken()).isLessThan(record.callDuration().dividedBy(2));
    }

    @Test
    @DisplayName("that the application cancels gets a row that says so")
    void cancelled() {
        answer.onPart = context -> {
            context.streamingHandle().cancel();
            assertThat(context.streamingHandle().isCancelled()).isTrue();
            answer.end();
        };

        ask(model(By.WRAPPER, Shape.SLOW));

        CallRecord record = recorder.only();
        assertThat(record.status()).isEqualTo(CallStatus.ERROR);
        assertThat(record.errorClass()).isEqualTo("CancellationException");
        assertThat(record.firstToken()).isNotNull();
        assertThat(record.tokens()).isEqualTo(TokenCounts.ZERO);
        assertThat(record.model()).isEqualTo("slow");
    }

    @ParameterizedTest
    @DisplayName("that cannot be cancelled goes on, and its row says how it ended")
    @ValueSource(booleans = {true, false})
    void cannotBeCancelled(boolean well) {
        Scripted model = new Scripted(handler -> {
            PartialResponseContext context = new PartialResponseContext(new StreamingHandle() {
                @Override
                public void cancel() {
                    throw new UnsupportedFeatureException("no");
                }

                @Override
                public boolean isCancelled() {
                    return false;
                }
            });
            handler.onPartialResponse(new PartialResponse("a"), context);
            if (well) {
                handler.onCompleteResponse(response("gpt-4o"));
            } else {
                handler.onError(new java.io.IOException());
            }
        });
        answer.onPart = context ->
                assertThatThrownBy(context.streamingHandle()::cancel).isInstanceOf(UnsupportedFeatureException.class);

        ask(tracked(model));

        assertThat(recorder.only().model()).isEqualTo(well ? "gpt-4o" : "");
        assertThat(recorder.only().errorClass()).isEqualTo(well ? null : "IOException");
    }

    @Test
    @DisplayName("that breaks because it is cancelled counts as cancelled, even if the break is reported first")
    void brokenByTheCancel() {
        Scripted model = new Scripted(handler ->
                handler.onPartialResponse(new PartialResponse("a"), new PartialResponseContext(new StreamingHandle() {
                    @Override
                    public void cancel() {
                        handler.onError(new java.io.IOException("closed"));
                    }

                    @Override
                    public boolean isCancelled() {
                        return true;
                    }
                })));
        answer.onPart = context -> context.streamingHandle().cancel();

        ask(tracked(model));

        assertThat(recorder.only().errorClass()).isEqualTo("CancellationException");
    }

    @Test
    @DisplayName("whose handler throws is read to its end, and its row has the tokens that the provider charges for")
    void handlerThrows() {
        IllegalStateException thrown = new IllegalStateException("of the application");
        answer.onPart = context -> {
            throw thrown;
        };

        ask(model(By.WRAPPER, Shape.SUCCESS));

        assertThat(answer.error()).isSameAs(thrown);
        assertThat(recorder.only().status()).isEqualTo(CallStatus.OK);
        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(19, 10, 0, 0, 0));
    }

    @Test
    @DisplayName("whose request throws at once gets a row, and the caller gets the very same exception")
    void notAsked() {
        IllegalArgumentException thrown = new IllegalArgumentException();
        Scripted model = new Scripted(handler -> {
            throw thrown;
        });

        assertThatThrownBy(() -> ask(tracked(model))).isSameAs(thrown);

        assertThat(recorder.only().errorClass()).isEqualTo("IllegalArgumentException");
        assertThat(recorder.whileTheCallerWaits()).hasSize(1);
    }

    @Test
    @DisplayName("leads to further requests in the scope of the first, on whichever thread it arrives")
    void followUp() {
        StreamingChatModel model = model(By.WRAPPER, Shape.SUCCESS);
        Answer second = new Answer();
        answer.onComplete = () -> model.chat("and then?", second);

        ask(model);
        second.await();

        assertThat(recorder.withoutScope()).isEmpty();
        assertThat(recorder.all()).extracting(CallRecord::tenantId).containsExactly("acme", "acme");
        assertThat(recorder.all())
                .extracting(CallRecord::callId)
                .containsOnly(recorder.all().get(0).callId());
    }

    @Test
    @DisplayName(
            "that calls a tool has its first token with that call, and its handler runs in the scope of the request")
    void toolCall() {
        AtomicReference<CallScope.Current> seen = new AtomicReference<>();
        Scripted model = new Scripted(handler -> {
            Thread other = new Thread(() -> {
                handler.onCompleteToolCall(new CompleteToolCall(
                        0,
                        ToolExecutionRequest.builder().id("1").name("weather").build()));
                handler.onCompleteResponse(response("gpt-4o"));
            });
            other.start();
        });
        answer.onToolCall = () -> seen.set(scopes.current().orElse(null));

        ask(tracked(model));

        assertThat(seen.get().tenantId()).isEqualTo("acme");
        assertThat(recorder.only().firstToken()).isNotNull();
    }

    @Test
    @DisplayName("reaches its handler even if the scope of the request can no longer be entered")
    void scopeIsGone() {
        AtomicInteger completed = new AtomicInteger();
        answer.onComplete = completed::incrementAndGet;
        ScopePerThread gone = new ScopePerThread();
        CallTracker there = new CallTracker(gone, recorder, new PriceList(Recorders.defaults()));
        gone.broken = true;

        try (CallScope.Handle scope = gone.enter("acme", "chat")) {
            new TrackedStreamingChatModel(openAi(Shape.SUCCESS).build(), there, gone).chat("hello", answer);
            answer.await();
        }

        assertThat(completed).hasValue(1);
        assertThat(recorder.only().status()).isEqualTo(CallStatus.OK);
    }

    @Test
    @DisplayName("without a call scope arrives too, and the missing scope is reported")
    void withoutScope() {
        model(By.WRAPPER, Shape.SUCCESS).chat("hello", answer);
        answer.await();

        assertThat(answer.text()).isEqualTo("The fox is quick.");
        assertThat(recorder.withoutScope()).hasSize(1);
        assertThat(recorder.withoutWaiting()).isEmpty();
    }

    @Test
    @DisplayName("that is cancelled and recorded by a listener only gets its row once nobody refers to it any more")
    void cancelledUnseen() throws InterruptedException {
        answer.onPart = context -> {
            context.streamingHandle().cancel();
            answer.end();
        };

        ask(model(By.LISTENER, Shape.SLOW));
        for (int i = 0; i < 500 && recorder.withoutWaiting().isEmpty(); i++) {
            System.gc();
            Thread.sleep(20);
        }

        assertThat(recorder.only().errorClass()).isEqualTo("UnfinishedCallException");
    }

    private void ask(StreamingChatModel model) {
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            model.chat("hello", answer);
        }
        answer.await();
    }

    private StreamingChatModel model(By by, Shape shape) {
        OpenAiStreamingChatModelBuilder builder = openAi(shape);
        return switch (by) {
            case LISTENER -> builder.listeners(List.of(listener)).build();
            case WRAPPER -> tracked(builder.build());
            case BOTH -> tracked(builder.listeners(List.of(listener)).build());
            case TWO_WRAPPERS -> tracked(tracked(builder.build()));
        };
    }

    private OpenAiStreamingChatModelBuilder openAi(Shape shape) {
        return OpenAiStreamingChatModel.builder()
                .httpClientBuilder(new AnswersElsewhere())
                .baseUrl(provider.baseUrl())
                .apiKey(OpenAiStub.KEY)
                .modelName(shape.model())
                .timeout(shape == Shape.LATE ? Duration.ofMillis(300) : Duration.ofSeconds(20));
    }

    private StreamingChatModel tracked(StreamingChatModel model) {
        return new TrackedStreamingChatModel(model, tracker, scopes);
    }

    private static ChatResponse response(String model) {
        return ChatResponse.builder()
                .aiMessage(AiMessage.from("a"))
                .modelName(model)
                .build();
    }

    /** Has the name and the superclass of the class of Apache's client for a connection that was not made in time. */
    private static final class ConnectTimeoutException extends SocketTimeoutException {

        private static final long serialVersionUID = 1L;
    }

    /** Has the name and the superclass of the class of Apache's client for a pool that gave no connection in time. */
    private static final class ConnectionRequestTimeoutException extends InterruptedIOException {

        private static final long serialVersionUID = 1L;
    }

    /** A model that does what the test says. */
    private record Scripted(Consumer<StreamingChatResponseHandler> script, List<ChatModelListener> listeners)
            implements StreamingChatModel {

        Scripted(Consumer<StreamingChatResponseHandler> script) {
            this(script, List.of());
        }

        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            script.accept(handler);
        }
    }

    /** Makes an HTTP client whose streamed answer has these events and then fails. */
    private record ScriptedClients(List<ServerSentEvent> events, Throwable failure) implements HttpClientBuilder {

        @Override
        public HttpClient build() {
            return new ScriptedClient(events, failure);
        }

        @Override
        public Duration connectTimeout() {
            return null;
        }

        @Override
        public HttpClientBuilder connectTimeout(Duration timeout) {
            return this;
        }

        @Override
        public Duration readTimeout() {
            return null;
        }

        @Override
        public HttpClientBuilder readTimeout(Duration timeout) {
            return this;
        }
    }

    private record ScriptedClient(List<ServerSentEvent> events, Throwable failure) implements HttpClient {

        @Override
        public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener told) {
            ServerSentEventContext context = new ServerSentEventContext(new CancellationUnsupportedHandle());
            events.forEach(event -> told.onEvent(event, context));
            told.onError(failure);
        }

        @Override
        public SuccessfulHttpResponse execute(HttpRequest request) {
            throw new IllegalStateException("not streamed");
        }
    }
}
