package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.web.json.JsonBody;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A call in JSON")
class CallJsonTest {

    @Test
    @DisplayName(
            "has the names of the columns, microseconds in UTC, a plain decimal as its cost and null for missing values")
    void ok() {
        CallRecord call = call(
                Instant.parse("2026-01-02T03:04:05Z"),
                "0.0000001",
                CallStatus.OK,
                null,
                "{\"feature\":\"=1+1\",\"team\":\"\\\"r\\\" & d\"}");

        assertThat(json(call))
                .isEqualTo("{\"calls\":[{\"id\":\"00000000-0000-0000-0000-000000000001\","
                        + "\"call_id\":\"00000000-0000-0000-0000-000000000002\",\"tenant_id\":\"ac\\\"me\","
                        + "\"operation\":\"sum\",\"started_at\":\"2026-01-02T03:04:05.000000Z\",\"call_duration_ms\":12,"
                        + "\"first_token_ms\":null,\"provider\":\"p\",\"model\":\"m\",\"input_tokens\":5,\"output_tokens\":4,"
                        + "\"cached_input_tokens\":3,\"cache_write_tokens\":2,\"reasoning_tokens\":1,"
                        + "\"cost_usd\":0.0000001,\"cost_source\":\"price-list\",\"status\":\"ok\",\"error_class\":null,"
                        + "\"service_tier\":\"flex\",\"kind\":\"chat\","
                        + "\"meters\":{\"output_audio_tokens\":1,\"web_searches\":2},"
                        + "\"usage_doubts\":\"incomplete\","
                        + "\"user_id\":\"ann\",\"session_id\":\"talk\",\"environment\":\"production\","
                        + "\"tags\":{\"feature\":\"=1+1\",\"team\":\"\\\"r\\\" & d\"},"
                        + "\"trace_id\":null,\"span_id\":null,\"response_id\":\"r-1\",\"requested_model\":\"n\"}]}");
    }

    @Test
    @DisplayName("names the error class of a failed call")
    void error() {
        assertThat(json(call(
                        Instant.parse("2026-01-02T03:04:05.123456Z"), "0", CallStatus.ERROR, "TimeoutException", null)))
                .contains("05.123456Z", "\"cost_usd\":0,", "\"status\":\"error\",\"error_class\":\"TimeoutException\"");
    }

    @ParameterizedTest
    @DisplayName("has no tags if somebody has written something other than an object into its row")
    @ValueSource(strings = {"", "{", "[]", "\"x\"", "team=r&d"})
    void noObject(String tags) {
        assertThat(json(call(Instant.EPOCH, "0", CallStatus.OK, null, tags))).contains("\"tags\":null,");
    }

    @Test
    @DisplayName(
            "is shown even if the object in its row is too deep for the parser or has a number that is too long for it")
    void extremeObject() {
        String deep = "{\"a\":" + "[".repeat(2400) + "]".repeat(2400) + "}";
        String number = "{\"a\":" + "1".repeat(4900) + "}";
        String fraction = "{\"a\":1E-" + "1".repeat(12) + "}";

        for (String tags : List.of(deep, number, fraction)) {
            assertThat(json(call(Instant.EPOCH, "0", CallStatus.OK, null, tags)))
                    .contains("\"tags\":", "\"response_id\":\"r-1\"");
        }
    }

    private static CallRecord call(Instant startedAt, String cost, CallStatus status, String errorClass, String tags) {
        return new CallRecord(
                new UUID(0, 1),
                new CallOrigin(new UUID(0, 2), "ac\"me", "sum", "ann", "talk", "production", tags),
                new CallTiming(startedAt, Duration.ofMillis(12), null),
                new CallUsage(
                        "p",
                        "m",
                        new TokenCounts(
                                5,
                                4,
                                3,
                                2,
                                1,
                                Map.of("web_searches", 2L, "output_audio_tokens", 1L),
                                Set.of("incomplete")),
                        "flex",
                        "chat",
                        "n"),
                new Cost(new BigDecimal(cost).setScale(CallRecord.COST_SCALE), CostSource.PRICE_LIST),
                new CallOutcome(status, errorClass),
                new CallLinks(null, null, "r-1"));
    }

    private static String json(CallRecord call) {
        return new String(
                JsonBody.object(json -> {
                    json.writeStartArray("calls");
                    CallJson.write(call, json);
                    json.writeEnd();
                }),
                StandardCharsets.UTF_8);
    }
}
