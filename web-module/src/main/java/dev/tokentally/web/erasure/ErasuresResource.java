package dev.tokentally.web.erasure;

import dev.tokentally.recording.Erasures;
import dev.tokentally.recording.HashKeyMissingException;
import dev.tokentally.text.OneLine;
import dev.tokentally.usage.Erasure;
import dev.tokentally.usage.UsageStoreException;
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

/** Erases users, for admins. No answer and no line of the log has a user's name. Safe for use by many threads. */
@AdminOnly
@Path("erasures")
@ApplicationScoped
public class ErasuresResource {

    private static final Logger LOG = System.getLogger(ErasuresResource.class.getName());

    private final Erasures erasures;
    private final BodyLimit limit;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public ErasuresResource() {
        this(null, null);
    }

    @Inject
    ErasuresResource(Erasures erasures, BodyLimit limit) {
        this.erasures = erasures;
        this.limit = limit;
    }

    /**
     * Begins an erasure, which runs in the background.
     *
     * @param http the request, whose body is read here
     * @param uri the request's address, from which the address of the erasure's state is made
     * @param security its caller, who must be an admin
     * @return 202 with its state, as JSON
     * @throws UsageStoreException when the store does not take it
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response begin(@Context HttpServletRequest http, @Context UriInfo uri, @Context SecurityContext security)
            throws UsageStoreException {
        ErasureRequest request = ErasureRequest.parse(limit.read(http));
        Erasure begun;
        try {
            begun = erasures.begin(request.tenant(), request.user());
        } catch (HashKeyMissingException e) {
            throw new ProblemException(
                    ProblemKind.HASH_KEY_MISSING,
                    e.getMessage() + ". A user can be erased once it is: set the same key on all nodes.");
        }
        LOG.log(
                Level.INFO,
                "Erasure " + begun.id() + " was asked for by tenant="
                        + OneLine.of(security.getUserPrincipal().getName()) + ", of a user of tenant="
                        + OneLine.of(begun.tenantId()));
        return Response.accepted(json(begun))
                .location(
                        uri.getAbsolutePathBuilder().path(begun.id().toString()).build())
                .build();
    }

    /**
     * The state of an erasure, whichever node was asked for it.
     *
     * @param id the id of the erasure
     * @return its state, as JSON
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @Path("{id}")
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] status(@PathParam("id") String id) throws UsageStoreException {
        Optional<UUID> uuid = PathId.of(id);
        return (uuid.isEmpty() ? Optional.<Erasure>empty() : erasures.status(uuid.get()))
                .map(ErasuresResource::json)
                .orElseThrow(() -> new ProblemException(ProblemKind.NOT_FOUND, "There is no such erasure."));
    }

    private static byte[] json(Erasure erasure) {
        return JsonBody.object(json -> ErasureJson.write(erasure, json));
    }
}
