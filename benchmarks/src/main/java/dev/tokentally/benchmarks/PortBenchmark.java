package dev.tokentally.benchmarks;

import dev.tokentally.config.Setting;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.recording.Recorders;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallAttributes;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.ThreadCallScope;
import dev.tokentally.usage.CallRecord;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A call of a port that answers immediately, in an open call scope: without recording, and recorded in each way. */
@SuppressWarnings("exports")
public class PortBenchmark {

    /** Without recording. */
    @Benchmark
    public Object undecorated(Undecorated port) {
        return port.call();
    }

    /** The decorator and the creation of the record, which is discarded. */
    @Benchmark
    public Object decoratorAlone(DecoratorAlone port) {
        return port.call();
    }

    /** The same for a call that used every meter. */
    @Benchmark
    public Object decoratorMetered(DecoratorMetered port) {
        return port.call();
    }

    /** The same for a call in a scope with every attribute. */
    @Benchmark
    public Object decoratorAttributed(DecoratorAttributed port) {
        return port.call();
    }

    /** The caller waits until the record is written to a store that answers immediately. */
    @Benchmark
    public Object sync(Sync port) {
        return port.call();
    }

    /**
     * The record is handed over to the spool. Meanwhile records go from the spool to a store that answers immediately.
     */
    @Benchmark
    public Object writeBehind(WriteBehind port) {
        return port.call();
    }

    /** The same for a call that used every meter. */
    @Benchmark
    public Object writeBehindMetered(WriteBehindMetered port) {
        return port.call();
    }

    /** The same for a call in a scope with every attribute. */
    @Benchmark
    public Object writeBehindAttributed(WriteBehindAttributed port) {
        return port.call();
    }

    /** The hand-over of a finished record alone. */
    @Benchmark
    public void handOff(WriteBehind port) {
        port.recorder.record(port.record);
    }

    /** The port without recording. */
    @State(Scope.Benchmark)
    public static class Undecorated {

        private final LlmRequest<String> request =
                LlmRequest.of("You are a helpful assistant.", "Summarise this.", SampleCall.TENANT, String.class);

        LlmPort port;

        @Setup
        public void setUp() {
            port = new AnsweringPort(SampleCall.PLAIN);
        }

        final Object call() {
            return port.complete(request);
        }
    }

    /** A port with the decorator, in a scope. */
    @State(Scope.Benchmark)
    public abstract static class Decorated extends Undecorated {

        UsageRecorder recorder;
        private CallScope.Handle handle;

        abstract UsageRecorder recorder();

        TokenUsage used() {
            return SampleCall.PLAIN;
        }

        CallAttributes attributes() {
            return new CallAttributes(null, null, null, null);
        }

        @Override
        public void setUp() {
            recorder = recorder();
            CallScope scopes = new ThreadCallScope(Recorders.settings(SampleCall.ATTRIBUTES_ALLOWED));
            port = Trackers.decorated(new AnsweringPort(used()), Trackers.tracker(scopes, recorder));
            handle = scopes.enter(SampleCall.TENANT, SampleCall.OPERATION, attributes());
        }

        @TearDown
        public void tearDown() {
            handle.close();
        }
    }

    /** Records are discarded. */
    @State(Scope.Benchmark)
    public static class DecoratorAlone extends Decorated {

        @Override
        UsageRecorder recorder() {
            return new SilentRecorder();
        }
    }

    /** Records are discarded; each has every meter. */
    @State(Scope.Benchmark)
    public static class DecoratorMetered extends DecoratorAlone {

        @Override
        TokenUsage used() {
            return SampleCall.METERED;
        }
    }

    /** Records are discarded; each has every attribute. */
    @State(Scope.Benchmark)
    public static class DecoratorAttributed extends DecoratorAlone {

        @Override
        CallAttributes attributes() {
            return SampleCall.ATTRIBUTES;
        }
    }

    /** Records are kept by the real recorder. */
    @State(Scope.Benchmark)
    public abstract static class Recorded extends Decorated {

        final CallRecord record = SampleCall.record();
        private final SpoolDirectory spool = SpoolDirectory.create();

        abstract String mode();

        @Override
        UsageRecorder recorder() {
            return Recorders.started(Map.of(Setting.RECORDING_MODE.key(), mode()), new QuickStore(), spool.path());
        }

        @Override
        public void tearDown() {
            super.tearDown();
            Recorders.stop(recorder);
            spool.close();
        }
    }

    /** Mode {@code sync}. */
    @State(Scope.Benchmark)
    public static class Sync extends Recorded {

        @Override
        String mode() {
            return "sync";
        }
    }

    /** Mode {@code write-behind}. */
    @State(Scope.Benchmark)
    public static class WriteBehind extends Recorded {

        @Override
        String mode() {
            return "write-behind";
        }
    }

    /** Mode {@code write-behind}; each record has every meter. */
    @State(Scope.Benchmark)
    public static class WriteBehindMetered extends WriteBehind {

        @Override
        TokenUsage used() {
            return SampleCall.METERED;
        }
    }

    /** Mode {@code write-behind}; each record has every attribute. */
    @State(Scope.Benchmark)
    public static class WriteBehindAttributed extends WriteBehind {

        @Override
        CallAttributes attributes() {
            return SampleCall.ATTRIBUTES;
        }
    }

    private static final class AnsweringPort implements LlmPort {

        private final TokenUsage tokens;

        AnsweringPort(TokenUsage tokens) {
            this.tokens = tokens;
        }

        @Override
        public <T> LlmResponse<T> complete(LlmRequest<T> request) {
            return new LlmResponse<>(null, SampleCall.PROVIDER, SampleCall.MODEL, tokens, null);
        }
    }
}
