package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.ejb.Asking;
import dev.tokentally.scope.CallAttributes;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.MissingCallScopeException;
import jakarta.annotation.Resource;
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
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Makes calls in scopes with attributes, on every kind of thread. */
@Path("/attributes")
@RequestScoped
public class AttributesResource {

    private static final long PATIENCE_S = 60;

    @Inject
    CallScope scopes;

    @Inject
    Asking asking;

    @Inject
    AttributedWork work;

    @Inject
    WarTenant tenants;

    @Inject
    WarAttributes known;

    @Inject
    Place place;

    @Resource
    ManagedExecutorService managed;

    /**
     * Makes the calls of one request in one way and returns their number. The caller's own scope must not change by them.
     */
    @POST
    @Path("/ways/{way}")
    public int calls(
            @PathParam("way") String way,
            @QueryParam("tenant") String tenant,
            @QueryParam("user") String user,
            @QueryParam("session") String session,
            @QueryParam("team") String team,
            @QueryParam("call") UUID call)
            throws Exception {
        CallAttributes attributes = new CallAttributes(user, session, "test", Map.of("team", team));
        return switch (way) {
            case "asynchronous", "timer", "thread", "managed" ->
                answers(List.of(place.run(way, () -> {
                    try (CallScope.Handle scope = scopes.enter(tenant, "entered", attributes)) {
                        return asking.ask(call);
                    }
                })));
            case "annotated" ->
                answers(List.of(as(tenant, attributes, () -> place.run("request", () -> work.ask(call)))));
            case "fault-tolerance" ->
                answers(List.of(as(tenant, attributes, () -> work.later(call).toCompletableFuture())));
            case "stream" -> read(as(tenant, attributes, () -> work.stream(call)));
            default -> entered(way, tenant, attributes, call);
        };
    }

    private int entered(String way, String tenant, CallAttributes attributes, UUID call) throws Exception {
        try (CallScope.Handle scope = scopes.enter(tenant, "entered", attributes)) {
            CallScope.Current before = scopes.current().orElseThrow();
            int answers =
                    switch (way) {
                        case "request" -> answers(List.of(CompletableFuture.completedFuture(asking.ask(call))));
                        case "nested" -> nested(call);
                        case "propagated" -> propagated(call);
                        case "fan-out" ->
                            answers(scopes.capture().wrap(managed).invokeAll(Collections.nCopies(8, question(call))));
                        case "chain" -> answers(List.of(chain(call))) + 2;
                        case "threads" -> answers(threads(call));
                        default -> throw new IllegalArgumentException(way);
                    };
            if (!scopes.current().orElseThrow().equals(before)) {
                throw new IllegalStateException("The caller's own scope has become another");
            }
            return answers;
        }
    }

    /** Enters a scope by an annotation without attributes, and a scope that sets the same attributes again. */
    private int nested(UUID call) throws Exception {
        String tenant = scopes.current().orElseThrow().tenantId();
        List<Future<String>> answers = new ArrayList<>();
        answers.add(as(tenant, null, () -> place.run("request", () -> work.ask(call))));
        try (CallScope.Handle inner = scopes.enter(new CallAttributes(null, null, "test", Map.of()))) {
            answers.add(CompletableFuture.completedFuture(asking.ask(call)));
        }
        return answers(answers);
    }

    /**
     * Uses the server's own propagation. Payara's sometimes loses a scope (ScopesIT says how), and then the call is refused,
     * so this asks again.
     */
    private int propagated(UUID call) throws Exception {
        while (true) {
            try {
                return answers(List.of(managed.submit(question(call))));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof MissingCallScopeException)) {
                    throw e;
                }
            }
        }
    }

    private Callable<String> question(UUID call) {
        return () -> asking.ask(call);
    }

    private CompletableFuture<String> chain(UUID call) {
        CallScope.Snapshot snapshot = scopes.capture();
        return CompletableFuture.supplyAsync(snapshot.wrapSupplier(() -> asking.ask(call)))
                .thenCompose(
                        first -> CompletableFuture.supplyAsync(() -> first + asking.ask(call), snapshot.wrap(managed)))
                .thenApplyAsync(second -> second + asking.ask(call), snapshot.wrap(managed));
    }

    private List<Future<String>> threads(UUID call) throws Exception {
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            answers.add(place.run("thread", scopes.capture().wrap(question(call))));
        }
        return answers;
    }

    private <T> T as(String tenant, CallAttributes attributes, Callable<T> work) throws Exception {
        tenants.set(tenant);
        known.set(() -> attributes);
        try {
            return work.call();
        } finally {
            known.clear();
            tenants.clear();
        }
    }

    private static int answers(List<? extends Future<String>> answers) throws Exception {
        for (Future<String> answer : answers) {
            if (!answer.get(PATIENCE_S, TimeUnit.SECONDS).startsWith("answer")) {
                throw new IllegalStateException(answer.get());
            }
        }
        return answers.size();
    }

    private static int read(Flow.Publisher<String> stream) throws Exception {
        CompletableFuture<Integer> read = new CompletableFuture<>();
        stream.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            public void onNext(String item) {
                // The test counts these calls only by their rows.
            }

            @Override
            public void onError(Throwable failure) {
                read.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                read.complete(2);
            }
        });
        return read.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** Asks in an annotated method, with a resolver that gives wrong attributes, and returns the model's answer. */
    @POST
    @Path("/resolver/{fault}")
    public String resolver(
            @PathParam("fault") String fault, @QueryParam("tenant") String tenant, @QueryParam("call") UUID call)
            throws Exception {
        Supplier<CallAttributes> faulty =
                switch (fault) {
                    case "throws" ->
                        () -> {
                            throw new IllegalStateException("secret");
                        };
                    case "wrong" ->
                        () -> new CallAttributes(
                                "x".repeat(256), "talk-1", "a\nb", Map.of("owner", "x", "team", "support"));
                    default -> throw new IllegalArgumentException(fault);
                };
        tenants.set(tenant);
        known.set(faulty);
        try {
            return work.ask(call);
        } finally {
            known.clear();
            tenants.clear();
        }
    }
}
