package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.inject.Vetoed;
import jakarta.persistence.EntityManagerFactory;
import jakarta.transaction.HeuristicMixedException;
import jakarta.transaction.HeuristicRollbackException;
import jakarta.transaction.NotSupportedException;
import jakarta.transaction.RollbackException;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionalException;
import jakarta.transaction.UserTransaction;

/**
 * Makes transactions inside {@link StoreComponent}, for Payara. If an interceptor begins a transaction inside a session bean there,
 * the bean's connections take no part in it and silently stay on auto-commit.
 */
@Vetoed
final class ComponentTransaction extends OwnTransaction {

    private final StoreComponent component;

    ComponentTransaction(StoreComponent component) {
        this.component = component;
    }

    /** The container has put the caller's transaction aside, so this is a new one in any case. */
    @Override
    public <T> T call(EntityManagerFactory factory, Work<T> work, Commit commit) throws UsageStoreException {
        UserTransaction transaction = component.transaction();
        try {
            transaction.begin();
        } catch (NotSupportedException | SystemException e) {
            throw new TransactionalException("no transaction could be begun", e);
        }
        T result;
        try {
            result = flushed(factory, work);
        } catch (Throwable e) { // A provider can throw what nobody declares, and the transaction must not stay open.
            rollBack(transaction, e);
            throw e;
        }
        try {
            transaction.commit();
        } catch (RollbackException | HeuristicMixedException | HeuristicRollbackException | SystemException e) {
            throw new TransactionalException("the transaction could not be committed", e);
        }
        return result;
    }

    private static void rollBack(UserTransaction transaction, Throwable failure) {
        try {
            transaction.rollback();
        } catch (SystemException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
