package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.config.RecordingMode;
import dev.tokentally.health.RecordingReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The data of the health check")
class RecordingHealthTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private static final Heartbeat.Identity HERE = new Heartbeat.Identity(UUID.randomUUID(), "shop", "web-1");

    @Test
    @DisplayName("say that all is well and nothing waits")
    void allWell() {
        assertThat(RecordingHealth.report(HERE, status(null, 0, null), NOW))
                .isEqualTo(new RecordingReport("shop", "web-1", true, 0, 0, 3, 4, 6, 5));
    }

    @Test
    @DisplayName("say that the store is down, what waits for it and for how long")
    void down() {
        assertThat(RecordingHealth.report(HERE, status(NOW.minusSeconds(60), 7, NOW.minusMillis(90_999)), NOW))
                .isEqualTo(new RecordingReport("shop", "web-1", false, 7, 90, 3, 4, 6, 5));
    }

    @Test
    @DisplayName("have no negative age after the clock was put back")
    void clockPutBack() {
        assertThat(RecordingHealth.report(HERE, status(null, 1, NOW.plusSeconds(5)), NOW)
                        .oldestAgeSeconds())
                .isZero();
    }

    private static RecordingStatus status(Instant downSince, long waiting, Instant oldest) {
        return new RecordingStatus(RecordingMode.SYNC, downSince, waiting, oldest, 3, 4, 6, 5, Path.of("spool"));
    }
}
