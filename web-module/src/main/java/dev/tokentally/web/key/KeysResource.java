package dev.tokentally.web.key;

import dev.tokentally.config.Setting;
import dev.tokentally.text.OneLine;
import dev.tokentally.web.body.BodyLimit;
import dev.tokentally.web.json.JsonBody;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;

/**
 * Makes API keys, for admins. Nothing is stored: a key is shown once, and works where a person has configured its entry.
 * Safe for use by many threads.
 */
@AdminOnly
@Path("keys")
@ApplicationScoped
public class KeysResource {

    private static final Logger LOG = System.getLogger(KeysResource.class.getName());

    private final BodyLimit limit;
    private final SecureRandom random;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public KeysResource() {
        this.limit = null;
        this.random = null;
    }

    @Inject
    KeysResource(BodyLimit limit) {
        this.limit = limit;
        this.random = new SecureRandom();
    }

    /**
     * Makes a key.
     *
     * @param http the request, whose body is read here
     * @param security its caller, who must be an admin
     * @return 201 with the key and the entry to configure, as JSON
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public Response make(@Context HttpServletRequest http, @Context SecurityContext security) {
        NewKey made = NewKey.of(NewKeyRequest.parse(limit.read(http)), random);
        ApiKey configured = made.configured();
        LOG.log(
                Level.INFO,
                "An API key was made for tenant=" + OneLine.of(configured.tenant()) + " role="
                        + configured.role().label() + " by tenant="
                        + OneLine.of(security.getUserPrincipal().getName())
                        + "; it works once its entry is configured");
        return Response.status(Response.Status.CREATED).entity(json(made)).build();
    }

    private static byte[] json(NewKey made) {
        ApiKey configured = made.configured();
        return JsonBody.object(json -> json.write("key", made.key())
                .write("entry", configured.entry())
                .write("tenant", configured.tenant())
                .write("role", configured.role().label())
                .write(
                        "next_step",
                        "Keep the key, as it is not shown again. It works once the entry has been added to "
                                + Setting.API_KEYS.key() + ", after a comma, and the application has been restarted."));
    }
}
