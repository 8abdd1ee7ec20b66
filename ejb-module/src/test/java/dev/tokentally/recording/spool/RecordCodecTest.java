package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A record's bytes")
class RecordCodecTest {

    @Test
    @DisplayName("hold every field, empty ones and the longest too")
    void roundTrip() {
        CallRecord longest = new CallRecord(
                new UUID(-1, -1),
                new UUID(0, 0),
                "東".repeat(CallRecord.TENANT_LENGTH),
                "🦊".repeat(CallRecord.OPERATION_LENGTH / 2),
                Instant.parse("2026-10-25T01:30:00.123456Z"),
                Duration.ofMillis(Long.MAX_VALUE / 2_000_000),
                Duration.ZERO,
                "ß".repeat(CallRecord.PROVIDER_LENGTH),
                "東".repeat(CallRecord.MODEL_LENGTH),
                new TokenCounts(
                        Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
                new BigDecimal("9999999999.9999999999"),
                CostSource.PRICE_LIST,
                CallStatus.ERROR,
                "東".repeat(CallRecord.ERROR_CLASS_LENGTH));

        assertThat(decoded(longest)).isEqualTo(longest);
        assertThat(decoded(Calls.ok("acme", Instant.EPOCH)).errorClass()).isNull();
        CallRecord failed = Calls.failed("acme", Instant.EPOCH);
        assertThat(decoded(failed)).isEqualTo(failed);
        assertThat(decoded(failed).firstToken()).isNull();
    }

    @Test
    @DisplayName("are refused, and nothing else happens, when they are random")
    void garbage() {
        Random random = new Random(1);
        int decoded = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = RecordCodec.encode(Calls.ok("acme", Instant.EPOCH));
            for (int changes = random.nextInt(8); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                RecordCodec.decode(ByteBuffer.wrap(bytes, 0, 1 + random.nextInt(bytes.length)));
                decoded++;
            } catch (IllegalArgumentException refused) {
                assertThat(refused).isNotNull();
            }
        }
        assertThat(decoded).isLessThan(20_000);
    }

    private static CallRecord decoded(CallRecord call) {
        return RecordCodec.decode(ByteBuffer.wrap(RecordCodec.encode(call)));
    }
}
