package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The bytes of a record")
class RecordCodecTest {

    @Test
    @DisplayName("hold every field, the empty and the longest ones too")
    void roundTrip() {
        CallRecord longest = new CallRecord(
                new UUID(-1, -1),
                new CallOrigin(
                        new UUID(0, 0),
                        "東".repeat(CallRecord.TENANT_LENGTH),
                        "🦊".repeat(CallRecord.OPERATION_LENGTH / 2),
                        "東".repeat(CallOrigin.USER_LENGTH),
                        "東".repeat(CallOrigin.SESSION_LENGTH),
                        "東".repeat(CallOrigin.ENVIRONMENT_LENGTH),
                        "東".repeat(CallOrigin.TAGS_LENGTH)),
                new CallTiming(
                        Instant.parse("2026-10-25T01:30:00.123456Z"),
                        Duration.ofMillis(Long.MAX_VALUE / 2_000_000),
                        Duration.ZERO),
                new CallUsage(
                        "ß".repeat(CallRecord.PROVIDER_LENGTH),
                        "東".repeat(CallRecord.MODEL_LENGTH),
                        new TokenCounts(
                                Integer.MAX_VALUE,
                                Integer.MAX_VALUE,
                                Integer.MAX_VALUE,
                                Integer.MAX_VALUE,
                                Integer.MAX_VALUE),
                        "ß".repeat(CallRecord.SERVICE_TIER_LENGTH),
                        "ß".repeat(CallRecord.KIND_LENGTH),
                        "東".repeat(CallRecord.MODEL_LENGTH)),
                new Cost(new BigDecimal("9999999999.9999999999"), CostSource.PRICE_LIST),
                new CallOutcome(CallStatus.ERROR, "東".repeat(CallRecord.ERROR_CLASS_LENGTH)),
                new CallLinks(
                        "f".repeat(CallLinks.TRACE_LENGTH),
                        "f".repeat(CallLinks.SPAN_LENGTH),
                        "東".repeat(CallLinks.RESPONSE_LENGTH)));

        assertThat(decoded(longest)).isEqualTo(longest);
        assertThat(decoded(Calls.ok("acme", Instant.EPOCH)).errorClass()).isNull();
        CallRecord failed = Calls.failed("acme", Instant.EPOCH);
        assertThat(decoded(failed)).isEqualTo(failed);
        assertThat(decoded(failed).firstToken()).isNull();
    }

    @Test
    @DisplayName("fit into a frame although each text is as long as it may be, also with what the store said about it")
    void largest() {
        Map<CallColumn<?>, Object> values = new HashMap<>();
        for (CallColumn<?> column : CallColumn.ALL) {
            values.put(column, largest(column));
        }
        CallRecord call = CallColumn.read(values::get);

        byte[] frame = RejectedFile.frame(
                new Rejected(call, Instant.MAX, Integer.MAX_VALUE, Instant.MAX, Instant.MAX, "東".repeat(300)));

        assertThat(frame.length).isLessThan(RecordCodec.MAX_BYTES / 2);
        assertThat(Frames.isWhole(frame, 0)).isTrue();
        assertThat(RecordCodec.decode(Frames.payload(frame, 0))).isEqualTo(call);
    }

    /** No character has more bytes for each {@code char}: one of four bytes counts as two. */
    private static Object largest(CallColumn<?> column) {
        return switch (column.type()) {
            case UUID -> new UUID(-1, -1);
            case INSTANT -> Instant.MAX;
            case LONG -> Long.MAX_VALUE;
            case INTEGER -> Integer.MAX_VALUE;
            case DECIMAL -> new BigDecimal("9999999999.9999999999");
            case METERS -> meters();
            default -> text(column);
        };
    }

    private static String text(CallColumn<?> column) {
        if (column == CallColumn.USAGE_DOUBTS) {
            return "d".repeat(TokenCounts.DOUBTS_LENGTH);
        }
        return column == CallColumn.COST_SOURCE || column.maxLength() == Integer.MAX_VALUE
                ? CostSource.MAYBE_BILLED.label()
                : "東".repeat(column.maxLength());
    }

    private static String meters() {
        String quantity = "=" + Long.MAX_VALUE;
        return "m".repeat(TokenCounts.METERS_LENGTH - quantity.length()) + quantity;
    }

    @Test
    @DisplayName("are made without much memory beside themselves")
    void noMoreThanNeeded() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        CallRecord call = Calls.ok("acme", Instant.EPOCH);
        int times = 1_000;
        RecordCodec.encode(call);
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < times; i++) {
            RecordCodec.encode(call);
        }
        long each = (threads.getCurrentThreadAllocatedBytes() - before) / times;

        assertThat(each).as("bytes allocated for one").isLessThan(2048);
    }

    @Test
    @DisplayName("cause at most an IllegalArgumentException if some of them are changed at random")
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

    @Test
    @DisplayName("hold the largest and the smallest numbers")
    void extremes() {
        for (Instant startedAt : List.of(Instant.MIN, Instant.MAX, Instant.EPOCH, Instant.EPOCH.minusNanos(1000))) {
            for (long millis : new long[] {0, 1, Long.MAX_VALUE}) {
                for (String cost : List.of("0E-10", "0.0000000001", "9999999999.9999999999")) {
                    CallRecord call = new CallRecord(
                            new UUID(Long.MIN_VALUE, Long.MAX_VALUE),
                            new CallOrigin(new UUID(Long.MAX_VALUE, Long.MIN_VALUE), "", ""),
                            new CallTiming(startedAt, Duration.ofMillis(millis), Duration.ofMillis(millis)),
                            new CallUsage("", "", new TokenCounts(Integer.MAX_VALUE, 0, Integer.MAX_VALUE, 0, 0)),
                            new Cost(new BigDecimal(cost), CostSource.NONE),
                            new CallOutcome(CallStatus.OK, null));
                    assertThat(decoded(call)).isEqualTo(call);
                }
            }
        }
    }

    @Test
    @DisplayName("are refused if they are random, or if a time in them is impossible")
    void noise() {
        Random random = new Random(2);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            refuses(bytes);
        }
        byte[] bytes = RecordCodec.encode(Calls.ok("", Instant.EPOCH));
        // Before it are two ids, an empty tenant and the operation.
        int startedAt = 32 + 2 + 2 + "summarise".length();
        ByteBuffer.wrap(bytes).putLong(startedAt, Long.MAX_VALUE).putInt(startedAt + 8, Integer.MAX_VALUE);
        refuses(bytes);
    }

    @Test
    @DisplayName("hold the columns of later releases, and empty ones cost no bytes")
    void laterColumns() {
        CallRecord plain = Calls.ok("acme", Instant.EPOCH);
        CallRecord rich = withUsage(
                plain,
                new CallUsage(
                        "openai",
                        "gpt-4o",
                        new TokenCounts(10, 20, 0, 0, 0, Map.of("web_searches", Long.MAX_VALUE), Set.of("incomplete")),
                        "flex",
                        "embedding"));

        assertThat(decoded(rich)).isEqualTo(rich);
        CallRecord all = Calls.metered("acme", Instant.EPOCH);
        assertThat(decoded(all)).isEqualTo(all);
        assertThat(new String(RecordCodec.encode(plain), StandardCharsets.ISO_8859_1))
                .doesNotContain(CallColumn.ALL.subList(CallColumn.FIRST_RELEASE.size(), CallColumn.ALL.size()).stream()
                        .map(CallColumn::columnName)
                        .toList());
    }

    @Test
    @DisplayName("are read without a column that only a newer release knows")
    void unknownColumn() {
        CallRecord call = Calls.ok("acme", Instant.EPOCH);
        byte[] known = RecordCodec.encode(call);
        ByteBuffer more = ByteBuffer.allocate(known.length + 100).put(known);
        text(text(more, "a_later_column"), "its value");
        text(more, "another").putShort((short) 0xFFFF);
        text(text(more, "kind"), "audio");

        CallRecord read = RecordCodec.decode(more.flip());

        assertThat(read.usage().kind()).isEqualTo("audio");
        assertThat(withUsage(read, call.usage())).isEqualTo(call);
    }

    @Test
    @DisplayName("are read as not priced if only a newer release knows their cost source")
    void unknownLabel() {
        byte[] bytes = RecordCodec.encode(Calls.ok("acme", Instant.EPOCH));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        byte[] newer = text.replace("provider", "invoiced").getBytes(StandardCharsets.ISO_8859_1);

        assertThat(RecordCodec.decode(ByteBuffer.wrap(newer)).costSource()).isEqualTo(CostSource.NONE);
    }

    private static ByteBuffer text(ByteBuffer bytes, String text) {
        return bytes.putShort((short) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static CallRecord withUsage(CallRecord call, CallUsage usage) {
        return new CallRecord(
                call.id(), call.origin(), call.timing(), usage, call.cost(), call.outcome(), call.links());
    }

    private static void refuses(byte[] bytes) {
        assertThatThrownBy(() -> RecordCodec.decode(ByteBuffer.wrap(bytes)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static CallRecord decoded(CallRecord call) {
        return RecordCodec.decode(ByteBuffer.wrap(RecordCodec.encode(call)));
    }
}
