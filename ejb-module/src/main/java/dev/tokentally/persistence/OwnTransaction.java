package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;

/**
 * Makes one attempt in one transaction, which neither joins nor marks the caller's. It is a separate bean, since the commit runs
 * after the last line of the method and may throw. The caller of the bean can then classify what it throws. On WildFly that is a
 * checked exception that nobody declares.
 */
@ApplicationScoped
class OwnTransaction {

    @Resource
    TransactionSynchronizationRegistry registry;

    /**
     * Does work with its own EntityManager, and flushes, so that most failures happen here.
     *
     * @param factory where the EntityManager is from
     * @param work what to do; an exception from it rolls the transaction back
     * @param commit learns whether the transaction is committed, which the caller asks afterwards
     * @param <T> the type of the result
     * @return the result
     * @throws UsageStoreException when the work throws it
     */
    @Transactional(value = TxType.REQUIRES_NEW, rollbackOn = Exception.class)
    public <T> T call(EntityManagerFactory factory, Work<T> work, Commit commit) throws UsageStoreException {
        commit.watch(registry);
        return flushed(factory, work);
    }

    /** Does work in the transaction of the calling thread. */
    static <T> T flushed(EntityManagerFactory factory, Work<T> work) throws UsageStoreException {
        // With try-with-resources, a failure to close a broken connection is only suppressed, so the reason why it
        // broke is not lost.
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
     * @param <T> the type of the result
     */
    interface Work<T> {
        T with(EntityManager entities) throws UsageStoreException;
    }
}
