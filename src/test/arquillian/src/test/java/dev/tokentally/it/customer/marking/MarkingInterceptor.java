package dev.tokentally.it.customer.marking;

import jakarta.annotation.Priority;
import jakarta.annotation.Resource;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.Transactional;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;

/** A rule of a customer for all new transactions that an annotation begins: every second one is rolled back, without an exception. */
@Interceptor
@Transactional(Transactional.TxType.REQUIRES_NEW)
@Priority(Interceptor.Priority.PLATFORM_BEFORE + 300)
public class MarkingInterceptor {

    /** The log has it each time. */
    public static final String MARKED = "A transaction was marked for rollback";

    private static final Logger LOG = System.getLogger(MarkingInterceptor.class.getName());
    private static final AtomicInteger TRANSACTIONS = new AtomicInteger();

    @Resource
    TransactionSynchronizationRegistry transaction;

    @AroundInvoke
    Object mark(InvocationContext call) throws Exception {
        Object result = call.proceed();
        if (transaction.getTransactionStatus() == Status.STATUS_ACTIVE && TRANSACTIONS.incrementAndGet() % 2 == 0) {
            transaction.setRollbackOnly();
            LOG.log(Level.INFO, MARKED);
        }
        return result;
    }
}
