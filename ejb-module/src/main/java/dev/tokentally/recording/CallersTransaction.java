package dev.tokentally.recording;

import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;

/** Knows whether the calling thread is in a transaction, and so may hold a connection until the transaction ends. */
@ApplicationScoped
class CallersTransaction {

    @Resource
    TransactionSynchronizationRegistry registry;

    boolean isActive() {
        return registry.getTransactionStatus() != Status.STATUS_NO_TRANSACTION;
    }
}
