package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;

/** A transaction of its own where no server manages transactions: the connection's. */
final class LocalTransaction extends OwnTransaction {

    @Override
    public <T> T of(EntityManagerFactory factory, Work<T> work) throws UsageStoreException {
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

    /** A connection that broke takes no rollback, and what it says to that says nothing of the connection. */
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
