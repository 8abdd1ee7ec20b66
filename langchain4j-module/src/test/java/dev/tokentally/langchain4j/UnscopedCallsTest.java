package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;
import dev.tokentally.testing.InMemoryTally;
import dev.tokentally.testing.RecordsInMemory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A call outside a call scope is counted once")
class UnscopedCallsTest {

    private static final LlmRequest<String> REQUEST = LlmRequest.of(null, "hello", null, String.class);

    private final InMemoryTally tally = new InMemoryTally(Map.of("tokentally.missing-scope", "pass-through"));
    private final RecordsInMemory recorder = tally.records();
    private final CallScope scopes = tally.scopes();
    private final TrackingChatModelListener listener = new TrackingChatModelListener(tally.tracker(), scopes);

    @Test
    @DisplayName("if a port asks a model with the listener, on its own thread or on the caller's")
    void port() {
        LlmPort port = tally.track(new LangChain4jLlmPort(ordinary(UnscopedCallsTest::answer)));

        port.complete(REQUEST.withTimeout(Duration.ofSeconds(20)));
        assertThat(recorder.withoutScope()).hasSize(1);
        port.complete(REQUEST.withTimeout(null));
        assertThat(recorder.withoutScope()).hasSize(2);
        assertThat(recorder.all()).isEmpty();
    }

    @Test
    @DisplayName("if a wrapped model has the listener too, and the next call is counted again")
    void wrapper() {
        StreamingChatModel streamed = new TrackedStreamingChatModel(streamed(), tally.tracker(), scopes);

        streamed.chat("hello", new Answer());
        assertThat(recorder.withoutScope()).hasSize(1);
        streamed.chat("hello", new Answer());
        assertThat(recorder.withoutScope()).hasSize(2);
    }

    @Test
    @DisplayName("and so is each that the handler of a wrapped model makes while the model is being asked")
    void handler() {
        ChatModel next = ordinary(UnscopedCallsTest::answer);
        StreamingChatModel model = streamed(told -> {
            told.onPartialResponse("qu");
            next.chat("a part of the answer");
            told.onCompleteResponse(answer());
        });
        StreamingChatModel streamed = new TrackedStreamingChatModel(model, tally.tracker(), scopes);

        streamed.chat("hello", asking(next));
        assertThat(recorder.withoutScope())
                .as("the stream, and what the handler asks after its first part and after its end")
                .hasSize(3);
        streamed.chat("hello", new Answer());
        assertThat(recorder.withoutScope()).hasSize(4);
    }

    @Test
    @DisplayName("also if the model calls the handler within the handler, and the next call is counted again")
    void handlerWithinHandler() {
        Runnable[] cancel = new Runnable[1];
        StreamingChatModel model = streamed(told -> {
            cancel[0] = () -> told.onError(new IllegalStateException());
            told.onPartialResponse("qu");
        });
        StreamingChatModel streamed = new TrackedStreamingChatModel(model, tally.tracker(), scopes);

        streamed.chat("hello", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String part) {
                cancel[0].run();
            }

            @Override
            public void onCompleteResponse(ChatResponse answer) {}

            @Override
            public void onError(Throwable error) {}
        });
        assertThat(recorder.withoutScope()).hasSize(1);

        ordinary(UnscopedCallsTest::answer).chat("hello");
        assertThat(recorder.withoutScope()).hasSize(2);
    }

    @Test
    @DisplayName("also if a port asks again in the handler of a wrapped model")
    void handlerOfPort() {
        StreamingChatModel streamed = new TrackedStreamingChatModel(streamed(), tally.tracker(), scopes);
        LlmPort port = tally.track(new LlmPort() {
            @Override
            public <T> LlmResponse<T> complete(LlmRequest<T> request) {
                streamed.chat("hello", asking(ordinary(UnscopedCallsTest::answer)));
                return null;
            }
        });

        port.complete(REQUEST);

        assertThat(recorder.withoutScope()).hasSize(1);
    }

    @Test
    @DisplayName("also if it fails, and the next call is counted again")
    void failed() {
        LlmPort port = tally.track(new LangChain4jLlmPort(ordinary(() -> {
            throw new IllegalStateException();
        })));

        assertThatThrownBy(() -> port.complete(REQUEST)).isInstanceOf(ModelException.class);
        assertThat(recorder.withoutScope()).hasSize(1);
        ordinary(UnscopedCallsTest::answer).chat("hello");
        assertThat(recorder.withoutScope()).hasSize(2);
    }

    @Test
    @DisplayName("but a request inside of it has its row if it is made in a scope of its own")
    void scopeInside() {
        LlmPort port = tally.track(new LlmPort() {
            @Override
            public <T> LlmResponse<T> complete(LlmRequest<T> request) {
                try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
                    ordinary(UnscopedCallsTest::answer).chat("hello");
                }
                return null;
            }
        });

        port.complete(REQUEST);

        assertThat(recorder.withoutScope()).hasSize(1);
        assertThat(recorder.only().tenantId()).isEqualTo("acme");
    }

    private static ChatResponse answer() {
        return ChatResponse.builder().aiMessage(AiMessage.from("quick")).build();
    }

    private ChatModel ordinary(Supplier<ChatResponse> answering) {
        return new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                return answering.get();
            }

            @Override
            public List<ChatModelListener> listeners() {
                return List.of(listener);
            }
        };
    }

    /** A handler that asks a model after each part and at the end. */
    private static StreamingChatResponseHandler asking(ChatModel next) {
        return new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String part) {
                next.chat("and this?");
            }

            @Override
            public void onCompleteResponse(ChatResponse answer) {
                next.chat("and this?");
            }

            @Override
            public void onError(Throwable error) {
                throw new AssertionError(error);
            }
        };
    }

    private StreamingChatModel streamed() {
        return streamed(told -> told.onCompleteResponse(answer()));
    }

    private StreamingChatModel streamed(Consumer<StreamingChatResponseHandler> answering) {
        return new StreamingChatModel() {
            @Override
            public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
                answering.accept(handler);
            }

            @Override
            public List<ChatModelListener> listeners() {
                return List.of(listener);
            }
        };
    }
}
