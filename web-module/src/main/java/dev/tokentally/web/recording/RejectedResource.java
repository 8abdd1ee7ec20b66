package dev.tokentally.web.recording;

import dev.tokentally.recording.RejectedCalls;
import dev.tokentally.text.OneLine;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.RejectedCall;
import dev.tokentally.web.http.TakesQuery;
import dev.tokentally.web.json.JsonBody;
import dev.tokentally.web.key.AdminOnly;
import dev.tokentally.web.usage.QueryParameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
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

/** The records that the store refused while it took others, for admins. Safe for use by many threads. */
@AdminOnly
@Path("recording/rejected")
@ApplicationScoped
public class RejectedResource {

    private static final Logger LOG = System.getLogger(RejectedResource.class.getName());

    private static final int DEFAULT_LIMIT = 20;
    private static final int MAX_LIMIT = 1000;

    private final RejectedCalls calls;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public RejectedResource() {
        this(null);
    }

    @Inject
    RejectedResource(RejectedCalls calls) {
        this.calls = calls;
    }

    /**
     * Lists the records of all nodes and applications.
     *
     * @param uri may have the number of records, and the place where the list goes on
     * @return the last refused first, as JSON
     */
    @GET
    @TakesQuery
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] list(@Context UriInfo uri) {
        QueryParameters query =
                QueryParameters.of(uri.getQueryParameters(), List.of(QueryParameters.LIMIT, QueryParameters.CURSOR));
        int limit = query.number(QueryParameters.LIMIT, MAX_LIMIT, DEFAULT_LIMIT);
        CallPosition after = query.cursor();
        // One more record than asked for shows whether there are more.
        List<RejectedCall> found = calls.list(after, limit + 1);
        return JsonBody.object(json -> RejectedJson.write(found, limit, json));
    }

    /**
     * Asks every node and every application to try all of them again.
     *
     * @param security the caller, who must be an admin
     * @return 202: the nodes hear of it with their next heartbeat
     */
    @POST
    @Path("retries")
    public Response retry(@Context SecurityContext security) {
        calls.retry();
        LOG.log(
                Level.INFO,
                "A retry of all refused records was asked for by tenant="
                        + OneLine.of(security.getUserPrincipal().getName()));
        return Response.accepted().build();
    }
}
