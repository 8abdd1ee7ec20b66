package dev.tokentally.it.customer.ejb;

import dev.tokentally.scope.CallScope;
import jakarta.ejb.AsyncResult;
import jakarta.ejb.Asynchronous;
import jakarta.ejb.Stateless;
import jakarta.inject.Inject;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** Asks on the EJB container's threads, which have a new request. */
@Stateless
public class AsynchronousWork {

    @Inject
    CallScope scopes;

    @Inject
    Asking asking;

    /** Enters the scope on that thread. */
    @Asynchronous
    public Future<String> ask(String tenant, String operation, UUID call) {
        try (CallScope.Handle scope = scopes.enter(tenant, operation, call)) {
            return new AsyncResult<>(asking.ask(call));
        }
    }

    /** Runs the given work on that thread. */
    @Asynchronous
    public Future<String> run(Callable<String> work) throws Exception {
        return new AsyncResult<>(work.call());
    }
}
