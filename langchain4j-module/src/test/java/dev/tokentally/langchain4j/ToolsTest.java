package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.IllegalConfigurationException;
import dev.langchain4j.service.TokenStream;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.openai.Shape;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.recording.Recorders;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.ScopePerThread;
import dev.tokentally.testing.RecordsInMemory;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.usage.CallRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An AI service that streams and uses tools")
class ToolsTest {

    private final RecordsInMemory recorder = new RecordsInMemory();
    private final ScopePerThread scopes = new ScopePerThread();
    private final CallTracker tracker = new CallTracker(scopes, recorder, new PriceList(Recorders.defaults()));

    /** The customer's AI service. */
    interface Assistant {
        TokenStream chat(String message);
    }

    /** The customer's tool. */
    static final class Weather {

        @Tool
        String weather(@P("city") String city) {
            return "dry in " + city;
        }
    }

    @ParameterizedTest(name = "with the wrapper: {0}")
    @DisplayName("gets a row for each request, in the scope of the first request")
    @ValueSource(booleans = {true, false})
    void rowForEachRequest(boolean wrapper) throws Exception {
        try (OpenAiStub provider = OpenAiStub.start()) {
            Assistant assistant = AiServices.builder(Assistant.class)
                    .streamingChatModel(model(provider, wrapper))
                    .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
                    .tools(new Weather())
                    .build();
            CompletableFuture<String> answer = new CompletableFuture<>();

            try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
                assistant
                        .chat("How is the weather?")
                        .onPartialResponse(part -> {})
                        .onCompleteResponse(
                                whole -> answer.complete(whole.aiMessage().text()))
                        .onError(answer::completeExceptionally)
                        .start();
            }

            assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo("The fox is quick.");
            assertThat(provider.log()).hasSize(2);
        }
        assertThat(recorder.withoutScope()).isEmpty();
        List<CallRecord> rows = recorder.all();
        assertThat(rows).extracting(row -> row.tokens().input()).containsExactly(60, 19);
        assertThat(rows).extracting(CallRecord::tenantId).containsOnly("acme");
        assertThat(rows).extracting(CallRecord::callId).containsOnly(rows.get(0).callId());
    }

    @ParameterizedTest(name = "with the wrapper: {0}")
    @DisplayName(
            "gets its rows in the scope of the method that returned its stream, even if the stream is started later")
    @ValueSource(booleans = {true, false})
    void startedLater(boolean wrapper) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        try (OpenAiStub provider = OpenAiStub.start()) {
            Assistant assistant = AiServices.builder(Assistant.class)
                    .streamingChatModel(model(provider, wrapper))
                    .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
                    .tools(new Weather())
                    .build();

            TokenStream stream;
            try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
                stream = scopes.returned(
                        assistant.chat("How is the weather?"), Assistant.class.getDeclaredMethod("chat", String.class));
            }
            stream.onPartialResponse(part -> {})
                    .onCompleteResponse(
                            whole -> answer.complete(whole.aiMessage().text()))
                    .onError(answer::completeExceptionally)
                    .start();

            assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo("The fox is quick.");
        }
        assertThat(scopes.current()).isEmpty();
        assertThat(recorder.withoutScope()).isEmpty();
        assertThat(recorder.all()).extracting(CallRecord::operation).containsExactly("chat", "chat");
    }

    @Test
    @DisplayName("throws from its stream the very exception that the stream throws")
    void thrown() throws Exception {
        TokenStream stream = scopes.returned(
                AiServices.create(Assistant.class, new TrackedStreamingChatModel(new NoModel(), tracker, scopes))
                        .chat("hello"),
                Assistant.class.getDeclaredMethod("chat", String.class));

        assertThatThrownBy(stream::start).isExactlyInstanceOf(IllegalConfigurationException.class);
    }

    private static final class NoModel implements StreamingChatModel {}

    private StreamingChatModel model(OpenAiStub provider, boolean wrapper) {
        var openAi = OpenAiStreamingChatModel.builder()
                .baseUrl(provider.baseUrl())
                .apiKey(OpenAiStub.KEY)
                .modelName(Shape.TOOL.model());
        return wrapper
                ? new TrackedStreamingChatModel(openAi.build(), tracker, scopes)
                : openAi.listeners(new TrackingChatModelListener(tracker, scopes))
                        .build();
    }

    @Test
    @DisplayName("finds its scope by the very answer that asked for the tools, and not by an equal answer")
    void identity() {
        ToolScopes toolScopes = new ToolScopes();
        AiMessage asking = asking();
        AiMessage saysTheSame = asking();
        ToolExecutionResultMessage result = ToolExecutionResultMessage.from("1", "weather", "dry");
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            toolScopes.remember(asking, ToolScopes.Place.here(scopes));
        }

        assertThat(saysTheSame).isEqualTo(asking);
        assertThat(toolScopes.of(List.of(UserMessage.from("q"), asking, result, result)))
                .isPresent();
        assertThat(toolScopes.of(List.of(UserMessage.from("q"), saysTheSame, result)))
                .isEmpty();
        assertThat(toolScopes.of(List.of(asking, result, UserMessage.from("and now?"))))
                .isEmpty();
        assertThat(toolScopes.of(List.of(asking))).isEmpty();
        assertThat(toolScopes.of(List.of(result))).isEmpty();
        assertThat(toolScopes.of(List.of())).isEmpty();
    }

    @Test
    @DisplayName("is recorded in no scope if calls in different scopes got the very same answer")
    void sameAnswer() {
        AiMessage cached = asking();
        ChatModel caching = new ChatModel() {
            private final TrackingChatModelListener listener = new TrackingChatModelListener(tracker, scopes);

            @Override
            public ChatResponse doChat(ChatRequest request) {
                return ChatResponse.builder().aiMessage(cached).build();
            }

            @Override
            public List<ChatModelListener> listeners() {
                return List.of(listener);
            }
        };
        UserMessage question = UserMessage.from("How is the weather?");
        ToolExecutionResultMessage result = ToolExecutionResultMessage.from("1", "weather", "dry");

        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            caching.chat(question);
            caching.chat(question);
        }
        caching.chat(question, cached, result);
        assertThat(recorder.withoutScope()).isEmpty();
        assertThat(recorder.all()).extracting(CallRecord::tenantId).containsExactly("acme", "acme", "acme");

        try (LogLines warnings = LogLines.of("dev.tokentally.langchain4j")) {
            try (CallScope.Handle scope = scopes.enter("beta", "chat")) {
                caching.chat(question);
                caching.chat(question, cached, result);
            }
            assertThat(warnings.all()).as("all requests have their rows").isEmpty();
            caching.chat(question, cached, result);
            assertThat(recorder.withoutScope()).hasSize(1);
            try (CallScope.Handle scope = scopes.enter("beta", "chat")) {
                caching.chat(question);
            }
            caching.chat(question, cached, result);
            assertThat(recorder.withoutScope()).hasSize(2);
            assertThat(recorder.all())
                    .extracting(CallRecord::tenantId)
                    .containsExactly("acme", "acme", "acme", "beta", "beta", "beta");
            assertThat(warnings.all()).singleElement().asString().contains("Wrap the streaming model");
        }
    }

    @Test
    @DisplayName("keeps its scope only as long as the answer that asked for the tools")
    void forgotten() throws InterruptedException {
        ToolScopes toolScopes = new ToolScopes();
        try (CallScope.Handle scope = scopes.enter("acme", "chat")) {
            toolScopes.remember(asking(), ToolScopes.Place.here(scopes));
        }

        for (int i = 0; i < 500 && toolScopes.size() > 0; i++) {
            System.gc();
            Thread.sleep(20);
        }

        assertThat(toolScopes.size()).isZero();
    }

    private static AiMessage asking() {
        return AiMessage.from(ToolExecutionRequest.builder()
                .id("1")
                .name("weather")
                .arguments("{}")
                .build());
    }
}
