package dev.tokentally.benchmarks;

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
import java.util.UUID;

/** A call such as an application makes: names and numbers of ordinary length. */
final class SampleCall {

    static final String TENANT = "acme-industries";
    static final String OPERATION = "summarise-contract";
    static final String PROVIDER = "openai";
    static final String ASKED_MODEL = "gpt-4o-mini";
    static final String MODEL = "gpt-4o-mini-2024-07-18";
    static final int INPUT = 1_834;
    static final int OUTPUT = 212;

    private SampleCall() {}

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
