package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;

/**
 * One attempt is one transaction: it neither joins nor marks the caller's. A bean of its own, so that what its commit throws
 * after the last line is thrown to somebody who can classify it; on WildFly that is a checked exception that nobody declares.
 */
@ApplicationScoped
class OwnTransaction {

    /**
     * Does work with an EntityManager of its own, and flushes, so that what fails mostly fails here.
     *
     * @param factory where the EntityManager is from
     * @param work what to do; what it throws rolls back
     * @param <T> what comes of it
     * @return what came of it, once it is committed
     * @throws UsageStoreException as the work throws it
     */
    @Transactional(value = TxType.REQUIRES_NEW, rollbackOn = Exception.class)
    public <T> T of(EntityManagerFactory factory, Work<T> work) throws UsageStoreException {
        // Closed so that what closing a broken connection throws does not hide what broke it.
        try (EntityManager entities = factory.createEntityManager()) {
            entities.joinTransaction();
            T result = work.with(entities);
            entities.flush();
            return result;
        }
    }

    /**
     * What is done with an EntityManager.
     *
     * @param <T> what comes of it
     */
    interface Work<T> {
        T with(EntityManager entities) throws UsageStoreException;
    }
}
