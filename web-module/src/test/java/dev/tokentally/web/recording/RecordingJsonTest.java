package dev.tokentally.web.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.config.RecordingMode;
import dev.tokentally.recording.RecordingOverview;
import dev.tokentally.recording.RecordingStatus;
import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.Partitions;
import dev.tokentally.usage.Retention;
import dev.tokentally.usage.Rollups;
import dev.tokentally.usage.SeenNode;
import dev.tokentally.web.json.JsonBody;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The state of recording in JSON")
class RecordingJsonTest {

    private static final Path SPOOL = Path.of("spool");

    private static final String FIGURES = "\"mode\":\"sync\",\"circuit\":\"open\",\"waiting\":7,"
            + "\"oldest\":\"2026-11-24T11:59:59.123456Z\",\"rejected\":6,\"dropped\":5,\"without_scope\":4";

    @Test
    @DisplayName("is short while all is well, with null for what does not apply")
    void allWell() {
        RecordingStatus status = new RecordingStatus(RecordingMode.SYNC, null, 0, null, 0, 0, 0, 0, SPOOL);

        assertThat(json(new RecordingOverview(status, true, null, null, null, List.of())))
                .isEqualTo(
                        "{\"store\":\"up\",\"mode\":\"sync\",\"circuit\":\"closed\",\"store_down_since\":null,\"waiting\":0,"
                                + "\"oldest\":null,\"rejected\":0,\"dropped\":0,\"without_scope\":0,\"damaged\":0,"
                                + "\"directory\":\"spool\",\"partitions\":null,\"retention\":null,\"rollups\":null,\"nodes\":[]}");
    }

    @Test
    @DisplayName("says since when the store is down, what waits, what was lost, and which node is missing")
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

        NodeState shop =
                new NodeState(UUID.randomUUID(), "shop", "web-1", "sync", "open", 7, status.oldest(), 6, 5, 4, false);

        assertThat(json(new RecordingOverview(
                        status,
                        false,
                        new Partitions("converting", 2, 5),
                        new Retention(Instant.parse("2026-08-01T00:00:00Z"), 7, 3),
                        new Rollups(900, 3),
                        List.of(
                                new SeenNode(shop, Instant.parse("2026-11-24T12:00:07.654321Z"), true),
                                new SeenNode(shop, null, false)))))
                .isEqualTo("{\"store\":\"down\",\"mode\":\"write-behind\",\"circuit\":\"open\","
                        + "\"store_down_since\":\"2026-11-24T12:00:00Z\",\"waiting\":4,"
                        + "\"oldest\":\"2026-11-24T11:59:59.123456Z\",\"rejected\":3,\"dropped\":2,"
                        + "\"without_scope\":5,\"damaged\":1,"
                        + "\"directory\":\"spool\",\"partitions\":{\"state\":\"converting\",\"done\":2,\"total\":5},"
                        + "\"retention\":{\"kept_from\":\"2026-08-01T00:00:00Z\",\"dropped_calls\":7,\"too_old\":3},"
                        + "\"rollups\":{\"behind_seconds\":900,\"dirty\":3},\"nodes\":["
                        + "{\"application\":\"shop\",\"node\":\"web-1\",\"state\":\"missing\","
                        + "\"last_seen\":\"2026-11-24T12:00:07.654321Z\"," + FIGURES + "},"
                        + "{\"application\":\"shop\",\"node\":\"web-1\",\"state\":\"alive\",\"last_seen\":null,"
                        + FIGURES
                        + "}]}");
    }

    private static String json(RecordingOverview status) {
        return new String(JsonBody.object(json -> RecordingJson.write(status, json)), StandardCharsets.UTF_8);
    }
}
