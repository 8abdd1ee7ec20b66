package dev.tokentally.web.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.RejectedCall;
import dev.tokentally.web.json.JsonBody;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The list of refused records in JSON")
class RejectedJsonTest {

    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    @Test
    @DisplayName("has all fields of a record, and no cursor at the end of the list")
    void end() {
        assertThat(json(List.of(call(NOW.plusSeconds(2))), 1))
                .isEqualTo("{\"rejected\":[{\"id\":\"00000000-0000-0001-0000-000000000002\",\"tenant_id\":\"acme\","
                        + "\"operation\":\"chat\",\"started_at\":\"2026-11-28T12:00:00Z\","
                        + "\"rejected_at\":\"2026-11-28T12:00:01Z\",\"tries\":3,\"next_try\":\"2026-11-28T12:00:02Z\","
                        + "\"reason\":\"no\",\"application\":\"shop\",\"node\":\"n1\"}],\"next_cursor\":null}");
    }

    @Test
    @DisplayName("has as many records as the client asked for, and a cursor if there are more")
    void more() {
        assertThat(json(List.of(call(null), call(null)), 1))
                .containsOnlyOnce("\"next_try\":null")
                .contains("\"next_cursor\":\"");
    }

    private static RejectedCall call(Instant nextTry) {
        return new RejectedCall(
                new UUID(1, 2), "acme", "chat", NOW, NOW.plusSeconds(1), 3, nextTry, "no", "shop", "n1");
    }

    private static String json(List<RejectedCall> found, int limit) {
        return new String(JsonBody.object(json -> RejectedJson.write(found, limit, json)), StandardCharsets.UTF_8);
    }
}
