package dev.tokentally.benchmarks;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A span and the two histograms of OpenTelemetry's conventions for generative AI, with tenant and operation. It uses
 * the unchanged SDK with a batch processor and a periodic reader, whose exporters discard everything. Values that do
 * not change from call to call are created once.
 */
final class OpenTelemetryListener implements ChatModelListener, AutoCloseable {

    private static final AttributeKey<String> TENANT = AttributeKey.stringKey("tenant.id");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("app.operation");
    private static final AttributeKey<String> OPERATION_NAME = AttributeKey.stringKey("gen_ai.operation.name");
    private static final AttributeKey<String> PROVIDER = AttributeKey.stringKey("gen_ai.provider.name");
    private static final AttributeKey<String> REQUEST_MODEL = AttributeKey.stringKey("gen_ai.request.model");
    private static final AttributeKey<String> RESPONSE_MODEL = AttributeKey.stringKey("gen_ai.response.model");
    private static final AttributeKey<Long> INPUT_TOKENS = AttributeKey.longKey("gen_ai.usage.input_tokens");
    private static final AttributeKey<Long> OUTPUT_TOKENS = AttributeKey.longKey("gen_ai.usage.output_tokens");
    private static final AttributeKey<String> TOKEN_TYPE = AttributeKey.stringKey("gen_ai.token.type");
    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

    private static final double NANOS_IN_A_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ThreadLocal<Caller> caller;
    private final OpenTelemetrySdk sdk;
    private final Tracer tracer;
    private final DoubleHistogram duration;
    private final LongHistogram tokens;
    private final Map<Kind, Tagged> tagged = new ConcurrentHashMap<>();

    OpenTelemetryListener(ThreadLocal<Caller> caller) {
        this.caller = caller;
        this.sdk = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(
                                BatchSpanProcessor.builder(new DroppedSpans()).build())
                        .build())
                .setMeterProvider(SdkMeterProvider.builder()
                        .registerMetricReader(PeriodicMetricReader.create(new DroppedMetrics()))
                        .build())
                .build();
        this.tracer = sdk.getTracer("dev.tokentally.benchmarks");
        Meter meter = sdk.getMeter("dev.tokentally.benchmarks");
        this.duration = meter.histogramBuilder("gen_ai.client.operation.duration")
                .setUnit("s")
                .setExplicitBucketBoundariesAdvice(GenAiBuckets.SECONDS)
                .build();
        this.tokens = meter.histogramBuilder("gen_ai.client.token.usage")
                .setUnit("{token}")
                .ofLongs()
                .setExplicitBucketBoundariesAdvice(GenAiBuckets.TOKENS)
                .build();
    }

    @Override
    public void onRequest(ChatModelRequestContext request) {
        Caller here = caller.get();
        String model = request.chatRequest().modelName();
        Span span = tracer.spanBuilder("chat " + model)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute(OPERATION_NAME, "chat")
                .setAttribute(PROVIDER, provider(request.modelProvider().name()))
                .setAttribute(REQUEST_MODEL, model)
                .setAttribute(TENANT, here.tenant())
                .setAttribute(OPERATION, here.operation())
                .startSpan();
        request.attributes().put(OpenTelemetryListener.class, new Begun(span, here, System.nanoTime()));
    }

    @Override
    public void onResponse(ChatModelResponseContext response) {
        if (response.attributes().get(OpenTelemetryListener.class) instanceof Begun begun) {
            double seconds = (System.nanoTime() - begun.nanos()) / NANOS_IN_A_SECOND;
            ChatResponse answer = response.chatResponse();
            TokenUsage used = answer.tokenUsage();
            Tagged attributes = tagged.computeIfAbsent(
                    new Kind(
                            begun.caller(),
                            provider(response.modelProvider().name()),
                            response.chatRequest().modelName(),
                            answer.modelName()),
                    Tagged::of);
            begun.span().setAttribute(RESPONSE_MODEL, answer.modelName());
            duration.record(seconds, attributes.call());
            if (used != null) {
                begun.span().setAttribute(INPUT_TOKENS, (long) used.inputTokenCount());
                begun.span().setAttribute(OUTPUT_TOKENS, (long) used.outputTokenCount());
                tokens.record(used.inputTokenCount(), attributes.input());
                tokens.record(used.outputTokenCount(), attributes.output());
            }
            begun.span().end();
        }
    }

    @Override
    public void onError(ChatModelErrorContext error) {
        if (error.attributes().get(OpenTelemetryListener.class) instanceof Begun begun) {
            begun.span().setStatus(StatusCode.ERROR);
            begun.span().setAttribute(ERROR_TYPE, error.error().getClass().getName());
            begun.span().end();
        }
    }

    private static String provider(String name) {
        return name.equals("OPEN_AI") ? SampleCall.PROVIDER : name;
    }

    @Override
    public void close() {
        sdk.close();
    }

    private record Begun(Span span, Caller caller, long nanos) {}

    private record Kind(Caller caller, String provider, String asked, String answered) {}

    private record Tagged(Attributes call, Attributes input, Attributes output) {

        static Tagged of(Kind kind) {
            Attributes call = Attributes.builder()
                    .put(OPERATION_NAME, "chat")
                    .put(PROVIDER, kind.provider())
                    .put(REQUEST_MODEL, kind.asked())
                    .put(RESPONSE_MODEL, kind.answered())
                    .put(TENANT, kind.caller().tenant())
                    .put(OPERATION, kind.caller().operation())
                    .build();
            return new Tagged(
                    call,
                    call.toBuilder().put(TOKEN_TYPE, "input").build(),
                    call.toBuilder().put(TOKEN_TYPE, "output").build());
        }
    }
}
