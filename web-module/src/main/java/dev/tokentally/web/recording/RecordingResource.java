package dev.tokentally.web.recording;

import dev.tokentally.recording.Nodes;
import dev.tokentally.recording.RecordingOverview;
import dev.tokentally.web.json.JsonBody;
import dev.tokentally.web.key.AdminOnly;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** What recording is doing, for admins. Safe for use by many threads. */
@AdminOnly
@Path("recording")
@ApplicationScoped
public class RecordingResource {

    private final Nodes nodes;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public RecordingResource() {
        this(null);
    }

    @Inject
    RecordingResource(Nodes nodes) {
        this.nodes = nodes;
    }

    /**
     * Tells how recording is going in every application on every node. Waits for the store only for a moment.
     *
     * @return the state, as JSON
     */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] status() {
        RecordingOverview overview = nodes.overview();
        return JsonBody.object(json -> RecordingJson.write(overview, json));
    }
}
