package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spools that earlier releases have written. They are kept unchanged beside the tests. A new layout gets a directory of its
 * own.
 */
@DisplayName("A spool of an older release")
class SpoolLayoutsTest {

    private static final String SEGMENT = "0000000000000000001.spool";

    private static final UUID SCOPE = UUID.fromString("b3a1c6e2-58a4-4d6f-9f6b-0d3f6f1f2a01");

    private static final List<CallRecord> LAYOUT_1 = List.of(
            new CallRecord(
                    UUID.fromString("01990000-0000-7000-8000-000000000001"),
                    new CallOrigin(SCOPE, "acme", "summarise"),
                    new CallTiming(
                            Instant.parse("2026-03-29T01:59:59.123456Z"),
                            Duration.ofMillis(1234),
                            Duration.ofMillis(56)),
                    new CallUsage("openai", "gpt-4o", new TokenCounts(100, 40, 60, 10, 30)),
                    new Cost(new BigDecimal("0.1234567891"), CostSource.PROVIDER),
                    CallOutcome.OK),
            new CallRecord(
                    UUID.fromString("01990000-0000-7000-8000-000000000002"),
                    new CallOrigin(SCOPE, "täglich \"quoted\" \uD83D\uDE00", "op; with 'signs'"),
                    new CallTiming(Instant.parse("1937-06-30T23:40:28.000001Z"), Duration.ofSeconds(20), null),
                    new CallUsage("", "", TokenCounts.ZERO),
                    Cost.UNKNOWN,
                    CallOutcome.error("TimeoutException")),
            new CallRecord(
                    UUID.fromString("01990000-0000-7000-8000-000000000003"),
                    new CallOrigin(UUID.fromString("b3a1c6e2-58a4-4d6f-9f6b-0d3f6f1f2a02"), "acme", "translate"),
                    new CallTiming(Instant.parse("9999-12-31T23:59:59.999999Z"), Duration.ZERO, null),
                    new CallUsage(
                            "anthropic",
                            "claude-sonnet-4-6",
                            new TokenCounts(Integer.MAX_VALUE, Integer.MAX_VALUE, 1, 2, 3)),
                    new Cost(new BigDecimal("9999999999.9999999999"), CostSource.PRICE_LIST),
                    CallOutcome.OK));

    private static final List<CallRecord> LAYOUT_2 = List.of(
            LAYOUT_1.get(0),
            new CallRecord(
                    UUID.fromString("01990000-0000-7000-8000-000000000004"),
                    new CallOrigin(SCOPE, "acme", "search"),
                    new CallTiming(Instant.parse("2026-11-28T06:00:00.000001Z"), Duration.ofMillis(7), null),
                    new CallUsage(
                            "cohere",
                            "rerank-v3.5",
                            new TokenCounts(5, 0, 0, 0, 0, Map.of("search_units", 3L), Set.of("incomplete")),
                            "flex",
                            "rerank"),
                    new Cost(new BigDecimal("0.0060000000"), CostSource.PARTIAL),
                    CallOutcome.OK));

    private static final List<CallRecord> LAYOUT_2_MORE = List.of(
            LAYOUT_2.get(1),
            new CallRecord(
                    UUID.fromString("01990000-0000-7000-8000-000000000005"),
                    new CallOrigin(
                            SCOPE,
                            "acme",
                            "search",
                            "änn \uD83D\uDE00",
                            "talk-1",
                            "production",
                            "{\"feature\":\"search\",\"team\":\"r \\\"&\\\" d\"}"),
                    new CallTiming(Instant.parse("2026-11-28T12:00:00.000001Z"), Duration.ofMillis(7), null),
                    new CallUsage(
                            "openai",
                            "gpt-4o-2024-08-06",
                            new TokenCounts(5, 1, 0, 0, 0),
                            "standard",
                            CallUsage.CHAT,
                            "gpt-4o"),
                    new Cost(new BigDecimal("0.0060000000"), CostSource.PRICE_LIST),
                    CallOutcome.OK,
                    new CallLinks("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "chatcmpl-1")));

    @TempDir
    Path directory;

    @Test
    @DisplayName("with the columns of the first release is drained, and later columns get their defaults")
    void firstLayout() throws Exception {
        assertThat(drained("layout-1")).isEqualTo(LAYOUT_1);
        assertThat(LAYOUT_1.get(0).usage().kind()).isEqualTo("chat");
    }

    @Test
    @DisplayName("with later columns by name is drained")
    void secondLayout() throws Exception {
        assertThat(drained("layout-2")).isEqualTo(LAYOUT_2);
    }

    @Test
    @DisplayName("with attributes, links and the requested model by name is drained")
    void secondLayoutWithMoreColumns() throws Exception {
        assertThat(drained("layout-2-attributes")).isEqualTo(LAYOUT_2_MORE);
    }

    private List<CallRecord> drained(String layout) throws Exception {
        Path slot = Files.createDirectory(directory.resolve("1"));
        try (InputStream segment = SpoolLayoutsTest.class.getResourceAsStream(layout + "/" + SEGMENT)) {
            Files.copy(segment, slot.resolve(SEGMENT));
        }
        List<CallRecord> drained = new ArrayList<>();
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 20, false))) {
            for (Optional<Batch> batch = spool.next(10); batch.isPresent(); batch = spool.next(10)) {
                drained.addAll(batch.get().records());
                spool.done(batch.get());
            }
            assertThat(spool.damaged()).isZero();
        }
        return drained;
    }
}
