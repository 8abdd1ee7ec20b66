package dev.tokentally.web.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.config.RecordingMode;
import dev.tokentally.recording.RecordingStatus;
import dev.tokentally.web.json.JsonBody;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The state of recording in JSON")
class RecordingJsonTest {

    private static final Path SPOOL = Path.of("spool");

    @Test
    @DisplayName("is short while all is well, with null for what is not the case")
    void allWell() {
        RecordingStatus status = new RecordingStatus(RecordingMode.SYNC, null, 0, null, 0, 0, 0, 0, SPOOL);

        assertThat(json(status))
                .isEqualTo("{\"mode\":\"sync\",\"circuit\":\"closed\",\"store_down_since\":null,\"waiting\":0,"
                        + "\"oldest\":null,\"rejected\":0,\"dropped\":0,\"without_scope\":0,\"damaged\":0,"
                        + "\"directory\":\"spool\"}");
    }

    @Test
    @DisplayName("tells of an outage since when, and what waits and was lost")
    void outage() {
        RecordingStatus status = new RecordingStatus(
                RecordingMode.WRITE_BEHIND,
                Instant.parse("2026-11-24T12:00:00Z"),
                4,
                Instant.parse("2026-11-24T11:59:59.123456Z"),
                3,
                2,
                5,
                1,
                SPOOL);

        assertThat(json(status))
                .isEqualTo("{\"mode\":\"write-behind\",\"circuit\":\"open\","
                        + "\"store_down_since\":\"2026-11-24T12:00:00Z\",\"waiting\":4,"
                        + "\"oldest\":\"2026-11-24T11:59:59.123456Z\",\"rejected\":3,\"dropped\":2,"
                        + "\"without_scope\":5,\"damaged\":1,"
                        + "\"directory\":\"spool\"}");
    }

    private static String json(RecordingStatus status) {
        return new String(JsonBody.object(json -> RecordingJson.write(status, json)), StandardCharsets.UTF_8);
    }
}
