package dev.tokentally.persistence;

import jakarta.annotation.Resource;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.transaction.UserTransaction;

/**
 * Lets a thread of the module's use connections as a component of the application, outside of any transaction of the caller's.
 * Where it uses them by itself Payara remembers until it stops that it did, and with the thread all that the application had
 * loaded, also after a redeployment. Public because servers lose a package-private session bean.
 */
@Stateless
@PermitAll
@TransactionManagement(TransactionManagementType.BEAN)
public class StoreComponent {

    @Resource
    UserTransaction transaction;

    /**
     * Runs it on the calling thread.
     *
     * @param work what to run; catches what it throws itself, as the container would log it and wrap it
     */
    public void run(Runnable work) {
        work.run();
    }

    /**
     * What begins and ends transactions of work that {@link #run} runs.
     *
     * @return the same for all threads
     */
    public UserTransaction transaction() {
        return transaction;
    }
}
