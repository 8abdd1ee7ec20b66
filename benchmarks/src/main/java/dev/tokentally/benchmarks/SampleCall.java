package dev.tokentally.benchmarks;

import dev.tokentally.config.Setting;
import dev.tokentally.llm.Meter;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.scope.CallAttributes;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** A call as an application makes it, with names and numbers of ordinary length. */
final class SampleCall {

    static final String TENANT = "acme-industries";
    static final String OPERATION = "summarise-contract";
    static final String PROVIDER = "openai";
    static final String ASKED_MODEL = "gpt-4o-mini";
    static final String MODEL = "gpt-4o-mini-2024-07-18";
    static final int INPUT = 1_834;
    static final int OUTPUT = 212;

    static final TokenUsage PLAIN = TokenUsage.of(INPUT, OUTPUT);

    /** A usage with every meter, each within its whole. */
    static final TokenUsage METERED = metered();

    /** A user, a session, an environment and as many tags as a scope may have. */
    static final CallAttributes ATTRIBUTES = new CallAttributes(
            "ann.smith@acme.example",
            "0192f0c4-8a53-7c11-9f0e-2b7d5a1c3e44",
            "production",
            Map.of(
                    "team", "contracts",
                    "feature", "summaries",
                    "release", "2026.11.3",
                    "region", "eu-west",
                    "channel", "web",
                    "plan", "enterprise",
                    "experiment", "prompt-b",
                    "centre", "4711"));

    /** The settings under which these attributes are recorded. */
    static final Map<String, String> ATTRIBUTES_ALLOWED = Map.of(
            Setting.USER.key(),
            "hashed",
            Setting.USER_HASH_KEY.key(),
            "a key of 32 characters, for this",
            Setting.TAGS.key(),
            String.join(",", ATTRIBUTES.tags().keySet()));

    private SampleCall() {}

    private static TokenUsage metered() {
        TokenUsage usage = PLAIN;
        for (Meter meter : Meter.values()) {
            long whole = meter.wholes().stream()
                    .mapToLong(usage::quantity)
                    .min()
                    .orElse(meter.isUnit() ? 10 : usage.quantity(meter));
            usage = meter.wholes().isEmpty() && !meter.isUnit() ? usage : usage.with(meter.label(), whole / 5);
        }
        return usage;
    }

    static CallRecord record() {
        return new CallRecord(
                new UUID(0x0192_3456_789A_7BCDL, 0x8123_4567_89AB_CDEFL),
                new CallOrigin(UUID.randomUUID(), TENANT, OPERATION),
                new CallTiming(Instant.parse("2026-11-24T09:30:00.123456Z"), Duration.ofMillis(1_240), null),
                new CallUsage(PROVIDER, MODEL, new TokenCounts(INPUT, OUTPUT, 0, 0, 0)),
                new Cost(new BigDecimal("0.0004023000"), CostSource.PRICE_LIST),
                new CallOutcome(CallStatus.OK, null));
    }
}
