package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;

/** A transaction of its own if no server manages transactions. It uses the transaction of the connection. */
final class LocalTransaction extends OwnTransaction {

    @Override
    public <T> T call(EntityManagerFactory factory, Work<T> work, Commit commit) throws UsageStoreException {
        try (EntityManager entities = factory.createEntityManager()) {
            entities.getTransaction().begin();
            try {
                T result = work.with(entities);
                entities.flush();
                entities.getTransaction().commit();
                return result;
            } catch (UsageStoreException | RuntimeException e) {
                rollback(entities, e);
                throw e;
            }
        }
    }

    /**
     * A connection that broke cannot roll back. The exception of the rollback is dropped, because it does not say that the
     * connection broke.
     */
    private static void rollback(EntityManager entities, Exception failure) {
        try {
            if (entities.getTransaction().isActive()) {
                entities.getTransaction().rollback();
            }
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
