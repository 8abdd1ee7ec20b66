package dev.tokentally.it.customer.web;

import dev.tokentally.scope.CallContext;
import dev.tokentally.scope.CallScope;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ContextNotActiveException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Uses scopes wrongly in many ways, and enters the same scope very often. */
@Path("/misuse")
@RequestScoped
public class MisuseResource {

    private static final int THREADS = 8;

    @Inject
    CallScope scopes;

    @Inject
    CallContext context;

    @Inject
    BeanManager beans;

    @Inject
    Place place;

    @Resource
    ManagedExecutorService managed;

    /** Closes a scope twice inside of another one, and returns the scope that remains. */
    @POST
    @Path("/twice")
    public String twice() {
        try (CallScope.Handle outer = scopes.enter("acme", "outer")) {
            CallScope.Handle inner = scopes.enter("acme", "inner");
            inner.close();
            inner.close();
            return scope();
        }
    }

    /** Closes the outer of two scopes first, and returns the scope that remains after each. */
    @POST
    @Path("/out-of-order")
    public String outOfOrder() {
        try (CallScope.Handle outermost = scopes.enter("acme", "outermost")) {
            CallScope.Handle outer = scopes.enter("acme", "outer");
            CallScope.Handle inner = scopes.enter("acme", "inner");
            outer.close();
            String left = scope();
            inner.close();
            return left + " " + scope();
        }
    }

    /** Closes a scope of the request on another thread, and returns the scopes that remain here and in a later scope. */
    @POST
    @Path("/other-thread")
    public String otherThread() throws Exception {
        try (CallScope.Handle outer = scopes.enter("acme", "outer")) {
            try (CallScope.Handle inner = scopes.enter("acme", "inner")) {
                place.run("thread", () -> close(inner)).get();
            }
            return scope();
        }
    }

    /**
     * Closes, on this thread, a scope that a thread without a request has entered. Returns what remains on that thread, also
     * after a new scope.
     */
    @POST
    @Path("/thread-of-its-own")
    public String threadOfItsOwn() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            CallScope.Handle entered =
                    pool.submit(() -> scopes.enter("acme", "pooled")).get();
            entered.close();
            String left = pool.submit(this::scope).get();
            pool.submit(() -> scopes.enter("acme", "next").close()).get();
            return left + " " + (pool.submit(this::requestIsActive).get() ? "active" : "inactive");
        } finally {
            pool.shutdown();
        }
    }

    /** Leaves two scopes open. */
    @POST
    @Path("/left-open")
    public void leftOpen() {
        scopes.enter("acme", "outer");
        scopes.enter("acme", "inner");
    }

    /** Leaves one scope open where the EJB container's request ends. */
    @POST
    @Path("/left-open-in-a-timer")
    public void leftOpenInATimer() throws Exception {
        place.run("timer", () -> {
                    scopes.enter("acme", "timed");
                    return "";
                })
                .get();
    }

    /** Enters and closes scopes on pooled threads. Returns the number of threads on which a request is active afterwards. */
    @POST
    @Path("/many")
    public long many(@QueryParam("pool") String pool, @QueryParam("scopes") int count) throws Exception {
        ExecutorService executor = pool.equals("managed") ? managed : Executors.newFixedThreadPool(THREADS);
        try {
            Callable<Boolean> share = () -> {
                for (int i = 0; i < count / THREADS; i++) {
                    try (CallScope.Handle outer = scopes.enter("acme", "outer");
                            CallScope.Handle inner = scopes.enter("acme", "inner")) {
                        if (!context.operation().equals("inner")) {
                            throw new IllegalStateException(context.operation());
                        }
                    }
                }
                return requestIsActive();
            };
            long active = 0;
            for (Future<Boolean> thread : executor.invokeAll(Collections.nCopies(THREADS, share))) {
                active += thread.get() ? 1 : 0;
            }
            return active;
        } finally {
            if (executor != managed) {
                executor.shutdown();
            }
        }
    }

    private String close(CallScope.Handle handle) {
        handle.close();
        return "";
    }

    private String scope() {
        return scopes.current().map(CallScope.Current::operation).orElse("none");
    }

    private boolean requestIsActive() {
        try {
            return beans.getContext(RequestScoped.class).isActive();
        } catch (ContextNotActiveException none) {
            return false;
        }
    }
}
