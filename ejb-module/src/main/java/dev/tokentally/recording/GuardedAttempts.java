package dev.tokentally.recording;

import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;

/**
 * Where MicroProfile Fault Tolerance stops callers' further attempts that would fail too. A bean of its own inside of the
 * retries, so that each attempt counts and the probe of {@code @Retry} does not.
 */
@ApplicationScoped
class GuardedAttempts {

    /** Two calls of two attempts each after the first, which is made without it. */
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
