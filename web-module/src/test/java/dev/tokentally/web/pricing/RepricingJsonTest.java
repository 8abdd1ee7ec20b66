package dev.tokentally.web.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.pricing.RepricedCalls;
import dev.tokentally.pricing.RepricingState;
import dev.tokentally.pricing.RepricingStatus;
import dev.tokentally.usage.Window;
import dev.tokentally.web.json.JsonBody;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The state of a repricing in JSON")
class RepricingJsonTest {

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
    private static final Instant STARTED = Instant.parse("2026-11-24T12:00:00Z");

    @Test
    @DisplayName("has nulls for missing values, and costs without exponents")
    void running() {
        RepricedCalls calls = new RepricedCalls(
                null, null, 3, 2, 1, 0, new BigDecimal("0.0000001000"), new BigDecimal("1234567.0000000000"));

        assertThat(json(new RepricingStatus(
                        ID,
                        new Window(null, STARTED),
                        true,
                        RepricingState.RUNNING,
                        null,
                        STARTED,
                        null,
                        null,
                        5,
                        calls,
                        List.of(),
                        List.of("no dates"))))
                .isEqualTo(
                        "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"from\":null,"
                                + "\"to\":\"2026-11-24T12:00:00Z\",\"calls_kept_from\":null,\"dry_run\":true,\"state\":\"running\",\"fault\":null,"
                                + "\"started_at\":\"2026-11-24T12:00:00Z\",\"ended_at\":null,\"reached\":null,\"calls_read\":5,"
                                + "\"total\":{\"calls\":3,\"changes\":2,\"without_price\":1,\"changed_meanwhile\":0,"
                                + "\"cost_before_usd\":0.0000001,\"cost_after_usd\":1234567},\"models\":[],\"notes\":[\"no dates\"]}");
    }

    @Test
    @DisplayName("says what failed and how far it came, in all and by model, with one sum without a name for the rest")
    void failed() {
        RepricedCalls named =
                new RepricedCalls("openai", "a \"model\"", 1, 1, 0, 0, BigDecimal.ZERO, new BigDecimal("0.5"));
        RepricedCalls others = new RepricedCalls(null, null, 1, 0, 0, 1, BigDecimal.ONE, BigDecimal.ONE);

        assertThat(json(new RepricingStatus(
                        ID,
                        Window.ALWAYS,
                        STARTED.minusSeconds(60),
                        false,
                        RepricingState.FAILED,
                        "the store takes no changes",
                        STARTED,
                        STARTED.plusSeconds(1),
                        STARTED.minusSeconds(1),
                        2,
                        others,
                        List.of(named, others),
                        List.of())))
                .contains(
                        "\"calls_kept_from\":\"2026-11-24T11:59:00Z\",\"dry_run\":false,\"state\":\"failed\",\"fault\":\"the store takes no changes\"",
                        "\"ended_at\":\"2026-11-24T12:00:01Z\",\"reached\":\"2026-11-24T11:59:59Z\"",
                        "\"models\":[{\"provider\":\"openai\",\"model\":\"a \\\"model\\\"\",\"calls\":1,\"changes\":1,",
                        "{\"provider\":null,\"model\":null,\"calls\":1,\"changes\":0,\"without_price\":0,\"changed_meanwhile\":1,");
    }

    private static String json(RepricingStatus status) {
        return new String(JsonBody.object(json -> RepricingJson.write(status, json)), StandardCharsets.UTF_8);
    }
}
