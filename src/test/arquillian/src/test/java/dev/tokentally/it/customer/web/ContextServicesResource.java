package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.ejb.Asking;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.MissingCallScopeException;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ContextService;
import jakarta.enterprise.concurrent.ContextServiceDefinition;
import jakarta.enterprise.concurrent.ManagedExecutorDefinition;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ContextNotActiveException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Shows what the server's own context propagation takes along. */
@Path("/context-services")
@RequestScoped
@ContextServiceDefinition(
        name = "java:app/concurrent/AllContext",
        propagated = ContextServiceDefinition.ALL_REMAINING,
        cleared = ContextServiceDefinition.TRANSACTION)
@ManagedExecutorDefinition(name = "java:app/concurrent/AllExecutor", context = "java:app/concurrent/AllContext")
public class ContextServicesResource {

    @Inject
    CallScope scopes;

    @Inject
    Asking asking;

    @Inject
    RequestMark mark;

    @Resource
    ManagedExecutorService byDefault;

    @Resource(lookup = "java:app/concurrent/AllExecutor")
    ManagedExecutorService all;

    @Resource(lookup = "java:app/concurrent/AllContext")
    ContextService context;

    /**
     * Asks on another thread with only the server's own means. Returns the result, and whether the request was still the
     * same.
     */
    @POST
    @Path("/{by}")
    public String ask(@PathParam("by") String by, @QueryParam("tenant") String tenant, @QueryParam("call") UUID call)
            throws Exception {
        UUID here = mark.id();
        try (CallScope.Handle scope = scopes.enter(tenant, "propagated", call)) {
            Callable<String> question = () -> {
                String request = here.equals(requestId()) ? " in the same request" : "";
                try {
                    return asking.ask(call) + request;
                } catch (MissingCallScopeException none) {
                    return "no scope" + request;
                }
            };
            return switch (by) {
                case "default" -> byDefault.submit(question).get(60, TimeUnit.SECONDS);
                case "executor" -> all.submit(question).get(60, TimeUnit.SECONDS);
                case "context" ->
                    byDefault.submit(context.contextualCallable(question)).get(60, TimeUnit.SECONDS);
                case "snapshot" ->
                    scopes.capture().wrap(byDefault).submit(question).get(60, TimeUnit.SECONDS);
                default -> throw new IllegalArgumentException(by);
            };
        }
    }

    private UUID requestId() {
        try {
            return mark.id();
        } catch (ContextNotActiveException none) {
            return null;
        }
    }
}
