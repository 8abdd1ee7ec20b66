package dev.tokentally.recording;

import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;

/**
 * Lets the circuit breaker of MicroProfile Fault Tolerance stop further attempts of callers that would fail too. It is a separate
 * bean inside the retries, so that the breaker counts each attempt but not the probe of {@code @Retry}.
 */
@ApplicationScoped
class GuardedAttempts {

    /** Two calls with two attempts each. The first attempt of a call does not pass the breaker. */
    static final int VOLUME = 4;

    static final double RATIO = 0.5;

    static final int DELAY_MILLIS = 1000;

    @CircuitBreaker(
            requestVolumeThreshold = VOLUME,
            failureRatio = RATIO,
            delay = DELAY_MILLIS,
            failOn = UsageStoreException.class,
            skipOn = {RecordRefusedException.class, WriteConflictException.class})
    public void make(Attempt attempt) throws UsageStoreException {
        attempt.make();
    }
}
