package dev.tokentally.recording;

import dev.tokentally.health.HealthBoard;
import dev.tokentally.health.RecordingReport;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;

/** Tells the health check what recording is doing. Safe for use by many threads. */
@ApplicationScoped
class RecordingHealth {

    private final HealthBoard board;
    private final UsageRecorder recorder;
    private final Heartbeat heartbeat;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected RecordingHealth() {
        this(null, null, null);
    }

    @Inject
    RecordingHealth(HealthBoard board, UsageRecorder recorder, Heartbeat heartbeat) {
        this.board = board;
        this.recorder = recorder;
        this.heartbeat = heartbeat;
    }

    void start() {
        board.register(() -> report(heartbeat.here(), recorder.status(), Instant.now()));
    }

    void stop() {
        board.unregister();
    }

    static RecordingReport report(Heartbeat.Identity here, RecordingStatus status, Instant now) {
        return new RecordingReport(
                here.application(),
                here.node(),
                status.storeDownSince() == null,
                status.waiting(),
                ageSeconds(status.oldest(), now),
                status.rejected(),
                status.dropped(),
                status.withoutScope(),
                status.damaged());
    }

    /** Never negative: the wall clock may have been put back. */
    private static long ageSeconds(Instant oldest, Instant now) {
        return oldest == null ? 0 : Math.max(0, Duration.between(oldest, now).toSeconds());
    }
}
