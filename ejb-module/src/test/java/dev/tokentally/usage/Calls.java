package dev.tokentally.usage;

import com.github.f4b6a3.uuid.UuidCreator;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Records for tests. */
public final class Calls {

    private Calls() {}

    /** A call that succeeded and has a value in every column that may have one. */
    public static CallRecord ok(String tenantId, Instant startedAt) {
        return new CallRecord(
                UuidCreator.getTimeOrderedEpoch(),
                new CallOrigin(UUID.randomUUID(), tenantId, "summarise"),
                new CallTiming(startedAt, Duration.ofMillis(1234), Duration.ofMillis(56)),
                new CallUsage("openai", "gpt-4o", new TokenCounts(100, 40, 60, 10, 30)),
                new Cost(new BigDecimal("0.1234567891"), CostSource.PROVIDER),
                new CallOutcome(CallStatus.OK, null));
    }

    /** A call that has a value in each of the columns that most calls leave at their defaults. */
    public static CallRecord metered(String tenantId, Instant startedAt) {
        CallRecord ok = ok(tenantId, startedAt);
        TokenCounts tokens = new TokenCounts(
                100,
                40,
                60,
                10,
                30,
                Map.of("input_audio_tokens", 12L, "web_searches", Long.MAX_VALUE),
                Set.of("incomplete"));
        return new CallRecord(
                ok.id(),
                new CallOrigin(
                        ok.callId(),
                        tenantId,
                        ok.operation(),
                        "ann",
                        "talk-1",
                        "production",
                        "{\"feature\":\"search\",\"team\":\"r \\\"&\\\" d\"}"),
                ok.timing(),
                new CallUsage("openai", "gpt-4o-audio", tokens, "flex", "audio", "gpt-audio"),
                new Cost(ok.costUsd(), CostSource.PARTIAL),
                ok.outcome(),
                new CallLinks("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "chatcmpl-1"));
    }

    /** A call that failed and cost nothing. */
    public static CallRecord failed(String tenantId, Instant startedAt) {
        return new CallRecord(
                UuidCreator.getTimeOrderedEpoch(),
                new CallOrigin(UUID.randomUUID(), tenantId, "summarise"),
                new CallTiming(startedAt, Duration.ZERO, null),
                new CallUsage("", "", TokenCounts.ZERO),
                new Cost(new BigDecimal("0E-10"), CostSource.NONE),
                new CallOutcome(CallStatus.ERROR, "TimeoutException"));
    }
}
