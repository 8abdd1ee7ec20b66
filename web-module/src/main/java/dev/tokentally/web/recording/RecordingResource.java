package dev.tokentally.web.recording;

import dev.tokentally.recording.RecordingStatus;
import dev.tokentally.recording.UsageRecorder;
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

    private final UsageRecorder recorder;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public RecordingResource() {
        this(null);
    }

    @Inject
    RecordingResource(UsageRecorder recorder) {
        this.recorder = recorder;
    }

    /**
     * Tells it without waiting for the store.
     *
     * @return the state, as JSON
     */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] status() {
        RecordingStatus status = recorder.status();
        return JsonBody.object(json -> RecordingJson.write(status, json));
    }
}
