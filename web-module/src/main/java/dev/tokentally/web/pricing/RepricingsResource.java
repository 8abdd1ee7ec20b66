package dev.tokentally.web.pricing;

import dev.tokentally.pricing.Repricing;
import dev.tokentally.pricing.RepricingRunningException;
import dev.tokentally.pricing.RepricingStatus;
import dev.tokentally.text.OneLine;
import dev.tokentally.web.body.BodyLimit;
import dev.tokentally.web.body.PathId;
import dev.tokentally.web.json.JsonBody;
import dev.tokentally.web.key.AdminOnly;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.UriInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Prices recorded calls again, for admins. Safe for use by many threads. */
@AdminOnly
@Path("prices/repricings")
@ApplicationScoped
public class RepricingsResource {

    private static final Logger LOG = System.getLogger(RepricingsResource.class.getName());

    private final Repricing repricing;
    private final BodyLimit limit;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public RepricingsResource() {
        this(null, null);
    }

    @Inject
    RepricingsResource(Repricing repricing, BodyLimit limit) {
        this.repricing = repricing;
        this.limit = limit;
    }

    /**
     * Begins a repricing, which runs in the background.
     *
     * @param http the request, whose body is read here
     * @param uri where its state can be asked for
     * @param security its caller, who must be an admin
     * @return 202 with its state, as JSON
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response begin(@Context HttpServletRequest http, @Context UriInfo uri, @Context SecurityContext security) {
        RepricingRequest request = RepricingRequest.parse(limit.read(http));
        RepricingStatus begun;
        try {
            begun = repricing.begin(request.window(), request.dryRun());
        } catch (RepricingRunningException e) {
            throw new ProblemException(
                    ProblemKind.REPRICING_RUNNING,
                    "The repricing " + e.running() + " is not over. Wait for it, or stop it with DELETE.");
        }
        LOG.log(
                Level.INFO,
                "Repricing " + begun.id() + " was asked for by tenant="
                        + OneLine.of(security.getUserPrincipal().getName()) + ", dry_run=" + begun.dryRun() + " from="
                        + begun.window().from() + " to=" + begun.window().to());
        return Response.accepted(json(begun))
                .location(
                        uri.getAbsolutePathBuilder().path(begun.id().toString()).build())
                .build();
    }

    /**
     * The last repricings on this node.
     *
     * @return their states, newest first, as JSON
     */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] latest() {
        return JsonBody.object(json -> {
            json.writeStartArray("repricings");
            for (RepricingStatus status : repricing.latest()) {
                json.writeStartObject();
                RepricingJson.write(status, json);
                json.writeEnd();
            }
            json.writeEnd();
        });
    }

    /**
     * One repricing on this node.
     *
     * @param id the id of the repricing
     * @return its state, as JSON
     */
    @GET
    @Path("{id}")
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] status(@PathParam("id") String id) {
        return found(id, repricing::status);
    }

    /**
     * Asks a repricing to end after its current calls.
     *
     * @param id the id of the repricing
     * @return its state, as JSON
     */
    @DELETE
    @Path("{id}")
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] stop(@PathParam("id") String id) {
        return found(id, repricing::stop);
    }

    private static byte[] found(String id, Function<UUID, Optional<RepricingStatus>> repricings) {
        return PathId.of(id)
                .flatMap(repricings)
                .map(RepricingsResource::json)
                .orElseThrow(() -> new ProblemException(
                        ProblemKind.NOT_FOUND,
                        "There is no such repricing. Each node knows its own last ten since its start."));
    }

    private static byte[] json(RepricingStatus status) {
        return JsonBody.object(json -> RepricingJson.write(status, json));
    }
}
