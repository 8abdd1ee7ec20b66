package dev.tokentally.benchmarks;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.tokentally.config.Setting;
import dev.tokentally.langchain4j.TrackingChatModelListener;
import dev.tokentally.recording.Recorders;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.ThreadCallScope;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A call of a LangChain4j model that answers immediately: without a listener, with our listener and with two others.
 */
public class ListenerBenchmark {

    /** Without a listener. */
    @Benchmark
    public Object none(NoListener model) {
        return model.call();
    }

    /**
     * With our listener, in write-behind mode. Meanwhile the records go from the spool to a store that answers
     * immediately.
     */
    @Benchmark
    public Object tokentally(Tokentally model) {
        return model.call();
    }

    /** With OpenTelemetry: a span and three values of histograms, which are discarded. */
    @Benchmark
    public Object openTelemetry(OpenTelemetry model) {
        return model.call();
    }

    /** With Micrometer: a timer and two distributions. */
    @Benchmark
    public Object micrometer(Micrometer model) {
        return model.call();
    }

    /** The model without a listener. */
    @State(Scope.Benchmark)
    public static class NoListener {

        private final ChatRequest request = ChatRequest.builder()
                .messages(UserMessage.from("Summarise this."))
                .modelName(SampleCall.ASKED_MODEL)
                .build();

        private ChatModel model;

        List<ChatModelListener> listeners() {
            return List.of();
        }

        @Setup
        public void setUp() {
            model = new AnsweringModel(listeners());
        }

        final Object call() {
            return model.chat(request);
        }
    }

    /** The model with our listener. */
    @State(Scope.Benchmark)
    public static class Tokentally extends NoListener {

        private final SpoolDirectory spool = SpoolDirectory.create();
        private UsageRecorder recorder;
        private CallScope.Handle handle;

        @Override
        List<ChatModelListener> listeners() {
            recorder = Recorders.started(
                    Map.of(Setting.RECORDING_MODE.key(), "write-behind"), new QuickStore(), spool.path());
            CallScope scopes = new ThreadCallScope(Recorders.settings(SampleCall.ATTRIBUTES_ALLOWED));
            handle = scopes.enter(SampleCall.TENANT, SampleCall.OPERATION);
            return List.of(new TrackingChatModelListener(Trackers.tracker(scopes, recorder), scopes));
        }

        @TearDown
        public void tearDown() {
            handle.close();
            Recorders.stop(recorder);
            spool.close();
        }
    }

    /** The model with OpenTelemetry's listener. */
    @State(Scope.Benchmark)
    public static class OpenTelemetry extends NoListener {

        private final OpenTelemetryListener listener = new OpenTelemetryListener(
                ThreadLocal.withInitial(() -> new Caller(SampleCall.TENANT, SampleCall.OPERATION)));

        @Override
        List<ChatModelListener> listeners() {
            return List.of(listener);
        }

        @TearDown
        public void tearDown() {
            listener.close();
        }
    }

    /** The model with Micrometer's listener. */
    @State(Scope.Benchmark)
    public static class Micrometer extends NoListener {

        private final MicrometerListener listener = new MicrometerListener(
                ThreadLocal.withInitial(() -> new Caller(SampleCall.TENANT, SampleCall.OPERATION)));

        @Override
        List<ChatModelListener> listeners() {
            return List.of(listener);
        }

        @TearDown
        public void tearDown() {
            listener.close();
        }
    }

    private static final class AnsweringModel implements ChatModel {

        private final List<ChatModelListener> listeners;
        private final ChatResponse answer = ChatResponse.builder()
                .aiMessage(AiMessage.from("Done."))
                .id("chatcmpl-1")
                .modelName(SampleCall.MODEL)
                .tokenUsage(new TokenUsage(SampleCall.INPUT, SampleCall.OUTPUT))
                .finishReason(FinishReason.STOP)
                .build();

        AnsweringModel(List<ChatModelListener> listeners) {
            this.listeners = listeners;
        }

        @Override
        public ChatResponse doChat(ChatRequest request) {
            return answer;
        }

        @Override
        public List<ChatModelListener> listeners() {
            return listeners;
        }

        @Override
        public ModelProvider provider() {
            return ModelProvider.OPEN_AI;
        }
    }
}
