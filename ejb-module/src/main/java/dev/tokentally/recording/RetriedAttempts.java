package dev.tokentally.recording;

import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.faulttolerance.Retry;

/**
 * Lets MicroProfile Fault Tolerance make the attempts. It is a separate bean, outside the transaction: with {@code @Retry} on the
 * transactional method all attempts would share one transaction, and the first failure would lose the row.
 */
@ApplicationScoped
class RetriedAttempts {

    /** The number of all attempts, including the first. */
    static final int MAX_ATTEMPTS = 3;

    /** The wait between two attempts. With the jitter, two waits take at most 300 ms together. */
    static final int WAIT_MILLIS = 100;

    private static final int JITTER_MILLIS = 50;

    @Retry(
            retryOn = StoreUnavailableException.class,
            maxRetries = MAX_ATTEMPTS - 1,
            delay = WAIT_MILLIS,
            jitter = JITTER_MILLIS)
    public void make(Attempt attempt) throws UsageStoreException {
        attempt.make();
    }

    /** The same without the waits, since the start of the application waits for the probe. */
    @Retry(retryOn = StoreUnavailableException.class, maxRetries = MAX_ATTEMPTS - 1, delay = 0, jitter = 0)
    public void probe(Attempt attempt) throws UsageStoreException {
        attempt.make();
    }
}
