package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.TokenCounts;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A stream that is still running while the thread that asked for it makes another call")
class StaleRawCallTest {

    private static final String USAGE = "{\"usage\": {\"prompt_tokens\": 1000, \"completion_tokens\": 500}}";

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final TrackingChatModelListener listener = new TrackingChatModelListener(tally.tracker(), scopes);
    private final Answer answer = new Answer();

    /** What the watched HTTP client of a model does on the thread that asks. */
    private static final Consumer<RawCall> ORDINARY = raw -> raw.answered(USAGE);

    private static final Consumer<RawCall> STREAMED = raw -> {
        raw.end();
        raw.streamed(USAGE);
    };

    @Test
    @DisplayName("gets nothing of a call outside a scope")
    void outsideScope() throws InterruptedException {
        StreamingChatResponseHandler stream = begin();

        ask(ORDINARY, listener);
        ask(STREAMED, listener);
        on(stream, told -> told.onCompleteResponse(answer()));

        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(10, 5, 0, 0, 0));
    }

    @Test
    @DisplayName("gets nothing of a call that another module's port makes")
    void insidePort() throws InterruptedException {
        StreamingChatResponseHandler stream = begin();

        try (CallScope.Handle scope = scopes.enter("beta", "index");
                CallScope.Handle port = tally.tracker().begin().enter()) {
            ask(ORDINARY, listener);
            ask(STREAMED, listener);
        }
        on(stream, told -> told.onCompleteResponse(answer()));

        assertThat(recorder.all())
                .filteredOn(row -> row.tenantId().equals("acme"))
                .extracting(CallRecord::tokens)
                .containsExactly(new TokenCounts(10, 5, 0, 0, 0));
    }

    @Test
    @DisplayName("gets nothing of the ordinary answer of a model that nobody records")
    void unrecordedModel() throws InterruptedException {
        StreamingChatResponseHandler stream = begin();
        ask(ORDINARY);
        on(stream, told -> told.onCompleteResponse(answer()));
        StreamingChatResponseHandler failing = begin();
        ask(ORDINARY);
        on(failing, told -> told.onError(new java.io.IOException()));

        assertThat(recorder.all())
                .extracting(CallRecord::tokens)
                .containsExactly(new TokenCounts(10, 5, 0, 0, 0), TokenCounts.ZERO);
    }

    @Test
    @DisplayName("gets nothing of a call that its handler makes for a part")
    void handlerAsks() {
        answer.onComplete = () -> {};
        StreamingChatModel model = new TrackedStreamingChatModel(
                new Stream(
                        handler -> {
                            ask(ORDINARY);
                            handler.onCompleteResponse(answer());
                        },
                        List.of()),
                tally.tracker(),
                scopes);

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            model.chat("hello", answer);
        }

        assertThat(recorder.only().tokens()).isEqualTo(new TokenCounts(10, 5, 0, 0, 0));
    }

    /** Asks for a stream and returns its handler, to which the answer is not yet told. */
    private StreamingChatResponseHandler begin() {
        StreamingChatResponseHandler[] kept = new StreamingChatResponseHandler[1];
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            new Stream(handler -> kept[0] = handler, List.of(listener)).chat("hello", answer);
        }
        return kept[0];
    }

    private static void on(StreamingChatResponseHandler stream, Consumer<StreamingChatResponseHandler> end)
            throws InterruptedException {
        Thread thread = new Thread(() -> end.accept(stream));
        thread.start();
        thread.join();
    }

    private static void ask(Consumer<RawCall> client, ChatModelListener... listeners) {
        new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                RawCall.here().ifPresent(client);
                return answer();
            }

            @Override
            public List<ChatModelListener> listeners() {
                return List.of(listeners);
            }
        }.chat(ChatRequest.builder().messages(UserMessage.from("and this?")).build());
    }

    private static ChatResponse answer() {
        return ChatResponse.builder()
                .aiMessage(AiMessage.from("a"))
                .tokenUsage(new TokenUsage(10, 5))
                .build();
    }

    private record Stream(Consumer<StreamingChatResponseHandler> script, List<ChatModelListener> listeners)
            implements StreamingChatModel {

        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            script.accept(handler);
        }
    }
}
