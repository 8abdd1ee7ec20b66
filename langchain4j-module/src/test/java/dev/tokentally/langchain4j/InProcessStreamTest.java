package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.tracking.OpenCall;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A streaming model that calls its handler on the thread that asks it")
class InProcessStreamTest {

    private static final IllegalStateException THROWN = new IllegalStateException("of the application");

    private final InMemoryTally tally = new InMemoryTally();
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final ChatModel other = new ListenedModel(new TrackingChatModelListener(tally.tracker(), scopes));

    @Test
    @DisplayName("leaves a row to each call that the handler makes, and has one row with what it asks itself")
    void callsOfTheHandler() {
        Asking handler = new Asking(() -> other.chat("and this?"));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            tracked(told -> {
                        other.chat("a part of the answer");
                        told.onPartialResponse("a");
                        told.onPartialThinking(new PartialThinking("hm"));
                        told.onPartialToolCall(PartialToolCall.builder()
                                .index(0)
                                .id("1")
                                .name("weather")
                                .partialArguments("{")
                                .build());
                        told.onUnmappedRawEvent("event");
                        other.chat("another part of the answer");
                        told.onCompleteResponse(answer("streamed"));
                    })
                    .chat("hello", handler);
            assertThat(scopes.current().orElseThrow().insideCall()).isFalse();
        }

        assertThat(handler.told).containsExactly("part", "thinking", "tool", "raw", "whole");
        assertThat(recorder.withoutScope()).isEmpty();
        assertThat(recorder.all()).extracting(CallRecord::tenantId).containsOnly("acme");
        assertThat(recorder.all())
                .extracting(CallRecord::model)
                .containsExactly("other", "other", "other", "other", "streamed", "other");
    }

    @Test
    @DisplayName("or on a thread to which it takes the scope leaves a row to each call that the handler makes")
    void onThreadWithTheScope() {
        Asking handler = new Asking(() -> other.chat("and this?"));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            tracked(told -> joined(scopes.capture().wrap(() -> {
                        other.chat("a part of the answer");
                        told.onPartialResponse("a");
                        told.onPartialThinking(new PartialThinking("hm"));
                        told.onUnmappedRawEvent("event");
                        told.onCompleteResponse(answer("streamed"));
                    })))
                    .chat("hello", handler);
        }

        assertThat(handler.told).containsExactly("part", "thinking", "raw", "whole");
        assertThat(recorder.withoutScope()).isEmpty();
        assertThat(recorder.all()).extracting(CallRecord::tenantId).containsOnly("acme");
        assertThat(recorder.all())
                .extracting(CallRecord::model)
                .containsExactly("other", "other", "other", "streamed", "other");
    }

    @Test
    @DisplayName("that is a part of another call leaves no row to the calls that the handler makes")
    void insideAnotherCall() {
        Asking handler = new Asking(() -> other.chat("and this?"));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            OpenCall call = tally.tracker().begin();
            try (CallScope.Handle inside = call.enter()) {
                tracked(told -> joined(scopes.capture().wrap(() -> told.onPartialResponse("a"))))
                        .chat("hello", handler);
            }
            call.failed(new IllegalStateException());
        }

        assertThat(handler.told).containsExactly("part");
        assertThat(recorder.only().errorClass()).isEqualTo("IllegalStateException");
    }

    @Test
    @DisplayName("and ends when the handler throws has its row at once, with the handler's exception")
    void endsWithTheHandler() {
        Asking handler = throwing();

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            tracked(told -> {
                        throwsInAPart(told);
                    })
                    .chat("hello", handler);
        }

        assertThat(handler.told).containsExactly("part", "error");
        assertThat(recorder.only().errorClass()).isEqualTo("IllegalStateException");
        assertThat(recorder.only().costSource()).isEqualTo(CostSource.MAYBE_BILLED);
    }

    @Test
    @DisplayName("and reads on when the handler throws has the row of its whole answer")
    void readsOn() {
        Asking handler = throwing();

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            tracked(told -> {
                        throwsInAPart(told);
                        assertThatThrownBy(() -> told.onCompleteResponse(answer("streamed")))
                                .isSameAs(THROWN);
                    })
                    .chat("hello", handler);
        }

        assertThat(recorder.only().status()).isEqualTo(CallStatus.OK);
        assertThat(recorder.only().model()).isEqualTo("streamed");
    }

    @Test
    @DisplayName("enters no scope for the parts that arrive on other threads, or after it was asked")
    void elsewhere() {
        List<Optional<CallScope.Current>> seen = new ArrayList<>();
        List<StreamingChatResponseHandler> kept = new ArrayList<>();
        Asking handler = new Asking(() -> seen.add(scopes.current()));

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            tracked(kept::add).chat("hello", handler);
        }
        joined(() -> kept.get(0).onPartialResponse("a"));
        kept.get(0).onPartialResponse("b");

        assertThat(seen).hasSize(2).containsOnly(Optional.empty());
    }

    private Asking throwing() {
        return new Asking(() -> {
            throw THROWN;
        });
    }

    /** The handler throws on a part, and the model reports that by onError, as LangChain4j's models do. */
    private static void throwsInAPart(StreamingChatResponseHandler told) {
        assertThatThrownBy(() -> told.onPartialResponse("a")).isSameAs(THROWN);
        assertThatThrownBy(() -> told.onError(THROWN)).isSameAs(THROWN);
    }

    private StreamingChatModel tracked(Consumer<StreamingChatResponseHandler> script) {
        return new TrackedStreamingChatModel(new Scripted(script), tally.tracker(), scopes);
    }

    private static void joined(Runnable work) {
        CompletableFuture.runAsync(work, task -> new Thread(task).start()).join();
    }

    private static ChatResponse answer(String model) {
        return ChatResponse.builder()
                .aiMessage(AiMessage.from("a"))
                .modelName(model)
                .build();
    }

    /** A model that does what the test says. */
    private record Scripted(Consumer<StreamingChatResponseHandler> script) implements StreamingChatModel {

        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            script.accept(handler);
        }
    }

    private record ListenedModel(ChatModelListener listener) implements ChatModel {

        @Override
        public ChatResponse doChat(ChatRequest request) {
            return answer("other");
        }

        @Override
        public List<ChatModelListener> listeners() {
            return List.of(listener);
        }
    }

    /** An application that does the same whatever it is told. */
    private static final class Asking implements StreamingChatResponseHandler {

        private final Runnable work;
        private final List<String> told = new ArrayList<>();

        Asking(Runnable work) {
            this.work = work;
        }

        private void told(String what) {
            told.add(what);
            work.run();
        }

        @Override
        public void onPartialResponse(String part) {
            told("part");
        }

        @Override
        public void onPartialThinking(PartialThinking part) {
            told("thinking");
        }

        @Override
        public void onPartialToolCall(PartialToolCall part) {
            told("tool");
        }

        @Override
        public void onUnmappedRawEvent(Object event) {
            told("raw");
        }

        @Override
        public void onCompleteResponse(ChatResponse answer) {
            told("whole");
        }

        @Override
        public void onError(Throwable error) {
            told("error");
        }
    }
}
