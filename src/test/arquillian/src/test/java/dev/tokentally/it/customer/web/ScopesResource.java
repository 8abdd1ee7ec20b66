package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.ejb.AnnotatedWork;
import dev.tokentally.it.customer.ejb.Asking;
import dev.tokentally.it.customer.ejb.AsynchronousWork;
import dev.tokentally.scope.CallContext;
import dev.tokentally.scope.CallScope;
import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Makes the customer's calls on other threads, in every way that applications do. */
@Path("/scopes")
@RequestScoped
public class ScopesResource {

    private static final int FAN_OUT = 8;
    private static final long PATIENCE_S = 60;

    private static volatile CallScope.Snapshot kept;

    @Inject
    CallScope scopes;

    @Inject
    CallContext context;

    @Inject
    Asking asking;

    @Inject
    AnnotatedWork annotatedWork;

    @Inject
    AsyncWork asyncWork;

    @Inject
    WarTenant tenants;

    @Inject
    Place place;

    @EJB
    AsynchronousWork asynchronous;

    @Resource
    ManagedExecutorService managed;

    /** Makes the calls of one request in one way, and returns their number. Their call id is that of X-Request-ID. */
    @POST
    @Path("/ways/{way}")
    public int calls(
            @PathParam("way") String way,
            @QueryParam("tenant") String tenant,
            @QueryParam("operation") String operation,
            @QueryParam("call") UUID call)
            throws Exception {
        if (way.equals("asynchronous")) {
            return answers(List.of(asynchronous.ask(tenant, operation, call)));
        }
        if (way.equals("timer")) {
            return answers(List.of(place.run("timer", () -> {
                try (CallScope.Handle scope = scopes.enter(tenant, operation, call)) {
                    return asking.ask(call);
                }
            })));
        }
        try (CallScope.Handle scope = scopes.enter(tenant, operation)) {
            int answers =
                    switch (way) {
                        case "request" -> answers(List.of(CompletableFuture.completedFuture(asking.ask(call))));
                        case "fan-out" -> answers(scopes.capture().wrap(managed).invokeAll(questions(FAN_OUT, call)));
                        case "chain" -> answers(List.of(chain(call)));
                        case "threads" -> answers(threads(call));
                        default -> throw new IllegalArgumentException(way);
                    };
            if (!context.tenantId().equals(tenant)
                    || !context.operation().equals(operation)
                    || !context.callId().equals(call)) {
                throw new IllegalStateException("The caller's own scope has become " + scopes.current());
            }
            return way.equals("chain") ? 3 : answers;
        }
    }

    /** Makes three calls, one after the other, on the JDK's pool and on the server's. */
    private CompletableFuture<String> chain(UUID call) {
        CallScope.Snapshot snapshot = scopes.capture();
        return CompletableFuture.supplyAsync(snapshot.wrapSupplier(() -> asking.ask(call)))
                .thenCompose(
                        first -> CompletableFuture.supplyAsync(() -> first + asking.ask(call), snapshot.wrap(managed)))
                .thenApplyAsync(second -> second + asking.ask(call), snapshot.wrap(managed));
    }

    private List<Future<String>> threads(UUID call) throws Exception {
        List<Future<String>> answers = new ArrayList<>();
        for (Callable<String> question : questions(2, call)) {
            answers.add(place.run("thread", scopes.capture().wrap(question)));
        }
        return answers;
    }

    private List<Callable<String>> questions(int count, UUID call) {
        return Collections.nCopies(count, () -> asking.ask(call));
    }

    private static int answers(List<? extends Future<String>> answers) throws Exception {
        for (Future<String> answer : answers) {
            if (!answer.get(PATIENCE_S, TimeUnit.SECONDS).startsWith("answer")) {
                throw new IllegalStateException(answer.get());
            }
        }
        return answers.size();
    }

    /** Makes one call in a scope that nobody gives a call id, and returns the id that it has. */
    @POST
    @Path("/own-id")
    public String ownId(@QueryParam("tenant") String tenant) {
        try (CallScope.Handle scope = scopes.enter(tenant, "own id")) {
            asking.ask(context.callId());
            return context.callId().toString();
        }
    }

    /** Lets a snapshot ask on another thread when this request has ended and a new one is there. */
    @POST
    @Path("/after-the-request")
    public void afterTheRequest(
            @QueryParam("tenant") String tenant,
            @QueryParam("operation") String operation,
            @QueryParam("call") UUID call) {
        try (CallScope.Handle scope = scopes.enter(tenant, operation)) {
            kept = scopes.capture();
        }
    }

    /** Uses the snapshot of an earlier request, and returns this request's own scope meanwhile. */
    @POST
    @Path("/use-the-kept")
    public String useTheKept(@QueryParam("call") UUID call) throws Exception {
        try (CallScope.Handle scope = scopes.enter("another tenant", "another operation")) {
            answers(kept.wrap(managed).invokeAll(questions(FAN_OUT, call)));
            answers(List.of(place.run("thread", kept.wrap(() -> asking.ask(call)))));
            kept.wrap(() -> asking.ask(call)).call();
            return context.tenantId() + ", " + context.operation();
        }
    }

    /** Enters a scope by annotation in a place, and returns its call id. */
    @POST
    @Path("/annotated/{place}")
    public String annotated(@PathParam("place") String where, @QueryParam("tenant") String tenant) throws Exception {
        Future<String> answer = place.run(where, () -> {
            tenants.set(tenant);
            try {
                return annotatedWork.annotated().toString();
            } finally {
                tenants.clear();
            }
        });
        return answer.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** Enters a scope by annotation in a place where nobody has set a tenant, and returns the refusal. */
    @POST
    @Path("/nobody/{place}")
    public String nobody(@PathParam("place") String where) throws Exception {
        Future<String> answer = place.run(where, () -> {
            try {
                return annotatedWork.annotated().toString();
            } catch (RuntimeException e) {
                return e.getClass().getName() + " " + e.getMessage();
            }
        });
        return answer.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** Calls an annotated method that answers later. Returns its call id, and this request's scope in between. */
    @POST
    @Path("/later/{kind}")
    public String later(@PathParam("kind") String kind, @QueryParam("tenant") String tenant) throws Exception {
        tenants.set(tenant);
        try (CallScope.Handle scope = scopes.enter("outer tenant", "outer")) {
            CompletableFuture<UUID> answer =
                    switch (kind) {
                        case "captured" -> asyncWork.captured();
                        case "fault-tolerance" -> asyncWork.faultTolerance().toCompletableFuture();
                        default -> throw new IllegalArgumentException(kind);
                    };
            String meanwhile = context.operation();
            asyncWork.letGo();
            return answer.get(PATIENCE_S, TimeUnit.SECONDS) + " " + meanwhile + " " + context.operation();
        } catch (ExecutionException e) {
            return e.getCause().toString();
        } finally {
            tenants.clear();
        }
    }
}
