package dev.tokentally.tracking;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.tokentally.config.MissingScope;
import dev.tokentally.config.Settings;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.MissingCallScopeException;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import jakarta.decorator.Decorator;
import jakarta.decorator.Delegate;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Records every call that passes it, whether it returns or throws, and changes neither what it returns nor what it
 * throws.
 *
 * <p>An application enables it under {@code <decorators>} in the {@code beans.xml} of the archive that holds its {@link
 * LlmPort} bean. It has no {@code @Priority}, so that it never applies where it was not asked for. Decorators run inside
 * interceptors: a bean with {@code @Retry} gives one record per attempt. Adds no thread rules of its own.
 *
 * <p>Outside a call scope it throws {@link MissingCallScopeException} before the model is asked, or with {@code
 * tokentally.missing-scope=pass-through} asks it and records nothing.
 */
@Decorator
public class TrackingLlmDecorator implements LlmPort {

    private static final Logger LOG = System.getLogger(TrackingLlmDecorator.class.getName());

    private final LlmPort inner;
    private final CallScope scopes;
    private final UsageRecorder recorder;
    private final MissingScope missingScope;
    private final Clock wallClock;
    private final LongSupplier monotonicNanos;

    @Inject
    TrackingLlmDecorator(@Delegate @Any LlmPort inner, CallScope scopes, UsageRecorder recorder, Settings settings) {
        this(inner, scopes, recorder, settings.missingScope(), Clock.systemUTC(), System::nanoTime);
    }

    TrackingLlmDecorator(
            LlmPort inner,
            CallScope scopes,
            UsageRecorder recorder,
            MissingScope missingScope,
            Clock wallClock,
            LongSupplier monotonicNanos) {
        this.inner = inner;
        this.scopes = scopes;
        this.recorder = recorder;
        this.missingScope = missingScope;
        this.wallClock = wallClock;
        this.monotonicNanos = monotonicNanos;
    }

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        Optional<CallScope.Current> scope = scopes.current();
        if (scope.isEmpty()) {
            return withoutScope(request);
        }
        Instant startedAt = wallClock.instant();
        long startNanos = monotonicNanos.getAsLong();
        LlmResponse<T> response;
        try {
            response = inner.complete(request);
        } catch (Throwable thrown) {
            record(scope.get(), startedAt, since(startNanos), null, thrown);
            throw thrown;
        }
        record(scope.get(), startedAt, since(startNanos), response, null);
        return response;
    }

    private <T> LlmResponse<T> withoutScope(LlmRequest<T> request) {
        if (missingScope == MissingScope.FAIL) {
            throw new MissingCallScopeException(
                    "An LLM call was made outside a call scope, so nobody could be charged for"
                            + " it: annotate the method that starts the work with @LlmOperation(\"…\"), or enter a scope with"
                            + " CallScope.enter(tenantId, operation)");
        }
        LOG.log(
                Level.ERROR,
                "An LLM call was made outside a call scope and is not recorded, as tokentally.missing-scope=pass-through"
                        + " says: annotate the method that starts the work with @LlmOperation");
        return inner.complete(request);
    }

    private Duration since(long startNanos) {
        return Duration.ofNanos(monotonicNanos.getAsLong() - startNanos);
    }

    /** Whatever goes wrong here, even an Error, must not take the answer or the exception from the caller. */
    private void record(
            CallScope.Current scope, Instant startedAt, Duration duration, LlmResponse<?> response, Throwable thrown) {
        try {
            ReportedUsage usage = thrown == null ? ReportedUsage.of(response) : ReportedUsage.of(thrown);
            if (!usage.corrections().isEmpty()) {
                LOG.log(
                        Level.WARNING,
                        "An LLM adapter reported what cannot be: " + String.join("; ", usage.corrections())
                                + ", tenant=" + scope.tenantId() + " operation=" + scope.operation());
            }
            recorder.record(new CallRecord(
                    UuidCreator.getTimeOrderedEpoch(),
                    scope.callId(),
                    scope.tenantId(),
                    scope.operation(),
                    startedAt,
                    duration,
                    null,
                    usage.provider(),
                    usage.model(),
                    usage.tokens(),
                    usage.cost().usd(),
                    usage.cost().source(),
                    thrown == null ? CallStatus.OK : CallStatus.ERROR,
                    thrown == null ? null : errorClass(thrown)));
        } catch (Throwable failure) {
            LOG.log(
                    Level.ERROR,
                    "An LLM call is not recorded, tenant=" + scope.tenantId() + " operation=" + scope.operation() + ": "
                            + failure.getClass().getName());
        }
    }

    /** An anonymous class has no simple name; what it extends says more than "" anyway. */
    private static String errorClass(Throwable thrown) {
        Class<?> type = thrown.getClass();
        while (type.getSimpleName().isEmpty()) {
            type = type.getSuperclass();
        }
        return ColumnText.fit(type.getSimpleName(), CallRecord.ERROR_CLASS_LENGTH);
    }
}
