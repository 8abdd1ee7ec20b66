package dev.tokentally.web.usage;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.web.json.JsonBody;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.UriInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/** The caller's own latest calls. Safe for use by many threads. */
@Path("usage/calls")
@ApplicationScoped
public class CallsResource {

    private static final Logger LOG = System.getLogger(CallsResource.class.getName());

    private final CallHistory history;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public CallsResource() {
        this(null);
    }

    @Inject
    CallsResource(CallHistory history) {
        this.history = history;
    }

    /**
     * Lists them, newest first.
     *
     * @param uri with the parameter limit
     * @param security whose calls
     * @return the calls
     * @throws UsageStoreException when the store is there but cannot answer
     */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public Response latest(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        CallsQuery query = CallsQuery.of(uri.getQueryParameters());
        List<CallRecord> calls = latest(security.getUserPrincipal().getName(), query.limit());
        return Response.ok(
                        JsonBody.object(json -> {
                            json.writeStartArray("calls");
                            calls.forEach(call -> CallJson.write(call, json));
                            json.writeEnd();
                        }),
                        MediaType.APPLICATION_JSON)
                .build();
    }

    private List<CallRecord> latest(String tenant, int limit) throws UsageStoreException {
        try {
            return history.latest(tenant, limit);
        } catch (StoreUnavailableException outOfReach) {
            LOG.log(Level.WARNING, "The store is out of reach, so a report is refused with 503");
            throw new ProblemException(
                    ProblemKind.USAGE_BACKEND_UNAVAILABLE, "The usage records are out of reach at the moment.");
        }
    }
}
