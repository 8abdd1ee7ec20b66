package dev.tokentally.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CallRecordTest {

    private static final CallRecord OK = Calls.ok("acme", Instant.EPOCH);

    @Test
    @DisplayName("a record cannot have an error class without an error, or an error without a class")
    void errorClassExactlyWithErrors() {
        assertThatIllegalArgumentException().isThrownBy(() -> with(CallStatus.OK, "Boom", OK.costUsd(), OK.model()));
        assertThatIllegalArgumentException().isThrownBy(() -> with(CallStatus.ERROR, null, OK.costUsd(), OK.model()));
        assertThat(with(CallStatus.ERROR, "Boom", OK.costUsd(), OK.model()).errorClass())
                .isEqualTo("Boom");
    }

    @Test
    @DisplayName("a value that does not fit its column is refused by its name")
    void columns() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(CallStatus.OK, null, OK.costUsd(), "m".repeat(256)))
                .withMessageContaining("model");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(CallStatus.OK, null, new BigDecimal("-0.0000000001"), "m"))
                .withMessageContaining("costUsd");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(CallStatus.OK, null, new BigDecimal("10000000000.0000000000"), "m"))
                .withMessageContaining("costUsd");
    }

    @Test
    @DisplayName("tokens are never negative, and no part is larger than its whole")
    void tokens() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenCounts(-1, 0, 0, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenCounts(1, 1, 2, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenCounts(1, 1, 0, 0, 2));
    }

    @Test
    @DisplayName("every stored name leads back to its status and source")
    void labels() {
        for (CallStatus status : CallStatus.values()) {
            assertThat(CallStatus.ofLabel(status.label())).isEqualTo(status);
        }
        for (CostSource source : CostSource.values()) {
            assertThat(CostSource.ofLabel(source.label())).isEqualTo(source);
        }
        assertThat(CostSource.PRICE_LIST.label()).isEqualTo("price-list");
    }

    private static CallRecord with(CallStatus status, String errorClass, BigDecimal cost, String model) {
        return new CallRecord(
                OK.id(),
                new CallOrigin(OK.callId(), OK.tenantId(), OK.operation()),
                new CallTiming(OK.startedAt(), Duration.ofNanos(1_999_999), null),
                new CallUsage(OK.provider(), model, OK.tokens()),
                new Cost(cost, OK.costSource()),
                new CallOutcome(status, errorClass));
    }
}
