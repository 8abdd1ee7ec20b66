package dev.tokentally.persistence;

import dev.tokentally.usage.StoreUnavailableException;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;

/**
 * Learns how a transaction ended. WildFly's interceptor rolls a transaction back without an exception if anybody has marked it for
 * that: an interceptor of the application, for example, or the server itself. Without this check such records would count as stored
 * and be lost.
 */
final class Commit implements Synchronization {

    private volatile int status = Status.STATUS_COMMITTED;

    /** Watches the transaction of the calling thread. Without it, the transaction counts as committed unless its end throws. */
    void watch(TransactionSynchronizationRegistry registry) {
        status = Status.STATUS_UNKNOWN;
        registry.registerInterposedSynchronization(this);
    }

    @Override
    public void beforeCompletion() {
        // Nothing is left to do.
    }

    @Override
    public void afterCompletion(int ended) {
        status = ended;
    }

    /** Throws if the transaction was not committed. */
    void check() throws StoreUnavailableException {
        if (status != Status.STATUS_COMMITTED) {
            throw new StoreUnavailableException(
                    "the transaction was rolled back without an error, as something in the server had marked it for that",
                    null);
        }
    }
}
