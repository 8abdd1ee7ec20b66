package dev.tokentally.it.customer.trace;

import dev.tokentally.it.customer.ejb.Asking;
import dev.tokentally.scope.CallScope;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.util.UUID;
import java.util.concurrent.FutureTask;

/** Asks a model in a span that it makes with the server's OpenTelemetry, and returns the span's ids. */
@Path("/traced")
@RequestScoped
public class TracedResource {

    @Inject
    Tracer tracer;

    @Inject
    CallScope scopes;

    @Inject
    Asking asking;

    /** Asks on the request's thread. */
    @POST
    @Path("/here")
    public String here(@QueryParam("tenant") String tenant, @QueryParam("call") UUID call) {
        Span span = tracer.spanBuilder("ask").startSpan();
        try (CallScope.Handle scope = scopes.enter(tenant, "traced");
                Scope inside = span.makeCurrent()) {
            asking.ask(call);
            return ids(span);
        } finally {
            span.end();
        }
    }

    /** Asks on a thread that OpenTelemetry does not know. */
    @POST
    @Path("/thread")
    public String thread(@QueryParam("tenant") String tenant, @QueryParam("call") UUID call) throws Exception {
        Span span = tracer.spanBuilder("ask").startSpan();
        try (CallScope.Handle scope = scopes.enter(tenant, "traced");
                Scope inside = span.makeCurrent()) {
            FutureTask<String> task = new FutureTask<>(scopes.capture().wrap(() -> asking.ask(call)));
            Thread thread = new Thread(task, "customer");
            thread.start();
            task.get();
            return ids(span);
        } finally {
            span.end();
        }
    }

    /** Asks outside of any span. */
    @POST
    @Path("/nowhere")
    public String nowhere(@QueryParam("tenant") String tenant, @QueryParam("call") UUID call) {
        try (CallScope.Handle scope = scopes.enter(tenant, "traced");
                Scope outside = Context.root().makeCurrent()) {
            return asking.ask(call);
        }
    }

    private static String ids(Span span) {
        return span.getSpanContext().getTraceId() + " " + span.getSpanContext().getSpanId();
    }
}
