package dev.tokentally.benchmarks;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A timer and two distributions of tokens in Micrometer's in-memory registry, with the same names, tags and buckets as
 * {@link OpenTelemetryListener}. Meters are looked up once for each tenant, operation and model.
 */
final class MicrometerListener implements ChatModelListener, AutoCloseable {

    private final ThreadLocal<Caller> caller;
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Map<Kind, Meters> meters = new ConcurrentHashMap<>();

    MicrometerListener(ThreadLocal<Caller> caller) {
        this.caller = caller;
    }

    @Override
    public void onRequest(ChatModelRequestContext request) {
        request.attributes().put(MicrometerListener.class, new Begun(caller.get(), System.nanoTime()));
    }

    @Override
    public void onResponse(ChatModelResponseContext response) {
        if (response.attributes().get(MicrometerListener.class) instanceof Begun begun) {
            long nanos = System.nanoTime() - begun.nanos();
            ChatResponse answer = response.chatResponse();
            TokenUsage used = answer.tokenUsage();
            Meters of = of(
                    begun,
                    response.modelProvider().name(),
                    response.chatRequest().modelName(),
                    answer.modelName(),
                    "none");
            of.duration().record(nanos, TimeUnit.NANOSECONDS);
            if (used != null) {
                of.input().record(used.inputTokenCount());
                of.output().record(used.outputTokenCount());
            }
        }
    }

    @Override
    public void onError(ChatModelErrorContext error) {
        if (error.attributes().get(MicrometerListener.class) instanceof Begun begun) {
            long nanos = System.nanoTime() - begun.nanos();
            String asked = error.chatRequest().modelName();
            of(
                            begun,
                            error.modelProvider().name(),
                            asked,
                            asked,
                            error.error().getClass().getSimpleName())
                    .duration()
                    .record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    private Meters of(Begun begun, String provider, String asked, String answered, String error) {
        return meters.computeIfAbsent(new Kind(begun.caller(), provider, asked, answered, error), this::register);
    }

    private Meters register(Kind kind) {
        Tags tags = Tags.of(
                "gen_ai.operation.name", "chat",
                "gen_ai.provider.name", kind.provider(),
                "gen_ai.request.model", kind.asked(),
                "gen_ai.response.model", kind.answered(),
                "error.type", kind.error(),
                "tenant.id", kind.caller().tenant(),
                "app.operation", kind.caller().operation());
        return new Meters(
                Timer.builder("gen_ai.client.operation.duration")
                        .tags(tags)
                        .serviceLevelObjectives(GenAiBuckets.SECONDS.stream()
                                .map(seconds -> Duration.ofMillis(Math.round(seconds * 1000)))
                                .toArray(Duration[]::new))
                        .register(registry),
                tokens(tags.and("gen_ai.token.type", "input")),
                tokens(tags.and("gen_ai.token.type", "output")));
    }

    private DistributionSummary tokens(Tags tags) {
        return DistributionSummary.builder("gen_ai.client.token.usage")
                .baseUnit("tokens")
                .tags(tags)
                .serviceLevelObjectives(GenAiBuckets.TOKENS.stream()
                        .mapToDouble(Long::doubleValue)
                        .toArray())
                .register(registry);
    }

    @Override
    public void close() {
        registry.close();
    }

    private record Begun(Caller caller, long nanos) {}

    private record Kind(Caller caller, String provider, String asked, String answered, String error) {}

    private record Meters(Timer duration, DistributionSummary input, DistributionSummary output) {}
}
