package dev.tokentally.tracking;

import dev.tokentally.config.MissingScope;
import dev.tokentally.config.Settings;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.MissingCallScopeException;
import jakarta.decorator.Decorator;
import jakarta.decorator.Delegate;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Inject;
import java.io.Serializable;
import java.util.Optional;

/**
 * Records every call that passes it, whether it returns or throws, and changes neither what it returns nor what it
 * throws.
 *
 * <p>An application enables it under {@code <decorators>} in the {@code beans.xml} of the archive that holds its {@link LlmPort}
 * bean. It has no {@code @Priority}, so that it applies only where it was asked for. Decorators run inside interceptors: a bean
 * with {@code @Retry} gives one record per attempt. It is as safe for use by many threads as the port inside it.
 *
 * <p>Outside a call scope it throws {@link MissingCallScopeException} before it asks the model. With {@code
 * tokentally.missing-scope=pass-through} it asks the model and records nothing.
 */
@Decorator
public class TrackingLlmDecorator implements LlmPort, Serializable {

    // A server may write a bean of a session to the disk, together with its decorators. So CDI requires that they are
    // serializable. CDI's own proxies of the next two are.

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial")
    private final LlmPort inner;

    @SuppressWarnings("serial")
    private final CallTracker tracker;

    private final MissingScope missingScope;

    /**
     * Made by CDI, and by tests.
     *
     * @param inner the port whose calls are recorded
     * @param tracker records the calls
     * @param settings what happens outside a call scope
     */
    @Inject
    public TrackingLlmDecorator(@Delegate @Any LlmPort inner, CallTracker tracker, Settings settings) {
        this(inner, tracker, settings.missingScope());
    }

    TrackingLlmDecorator(LlmPort inner, CallTracker tracker, MissingScope missingScope) {
        this.inner = inner;
        this.tracker = tracker;
        this.missingScope = missingScope;
    }

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        Optional<OpenCall> begun = begin();
        if (begun.isEmpty()) {
            return withoutScope(request);
        }
        OpenCall call = begun.get();
        CallScope.Handle inside = enter(call);
        LlmResponse<T> response;
        try {
            response = inner.complete(request);
        } catch (Throwable thrown) {
            try {
                inside.close();
                call.failed(thrown);
            } catch (Throwable stackIsFull) {
                // The caller gets the call's own exception.
            }
            throw thrown;
        }
        try {
            inside.close();
            call.returned(response);
        } catch (Throwable stackIsFull) {
            // The caller gets the answer.
        }
        return response;
    }

    // Whatever the module throws must not reach the caller. The tracker itself catches everything. But CDI's proxy of
    // the tracker throws while the application stops, and any method throws if the stack is full.

    private Optional<OpenCall> begin() {
        try {
            return tracker.beginOfPort();
        } catch (Throwable failure) {
            return Optional.of(CallTracker.unreadable(failure));
        }
    }

    private static CallScope.Handle enter(OpenCall call) {
        try {
            return call.enter();
        } catch (Throwable stackIsFull) {
            return () -> {};
        }
    }

    private <T> LlmResponse<T> withoutScope(LlmRequest<T> request) {
        if (missingScope == MissingScope.FAIL) {
            throw new MissingCallScopeException(
                    "An LLM call was made outside a call scope, so nobody could be charged for it (" + CallSite.ofPort()
                            + "): " + MissingScope.REMEDY);
        }
        tracker.passThrough();
        CallScope.Handle inside = enter(UnrecordedCall.WITHOUT_SCOPE);
        try {
            return inner.complete(request);
        } finally {
            try {
                inside.close();
            } catch (Throwable stackIsFull) {
                // The caller gets the answer or the call's own exception.
            }
        }
    }
}
