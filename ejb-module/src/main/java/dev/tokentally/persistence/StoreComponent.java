package dev.tokentally.persistence;

import jakarta.annotation.Resource;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.transaction.UserTransaction;

/**
 * Lets a thread of the module use connections as a component of the application, outside any transaction of the caller. If the
 * thread used connections by itself, Payara would remember the thread until it stops. With the thread, all classes of the
 * application would stay in memory, also after a redeployment. Public because servers lose a package-private session bean.
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
     * @param work what to run; it must catch its own exceptions, since the container would log and wrap them
     */
    public void run(Runnable work) {
        work.run();
    }

    /**
     * Begins and ends transactions of work that {@link #run} runs.
     *
     * @return the same for all threads
     */
    public UserTransaction transaction() {
        return transaction;
    }
}
