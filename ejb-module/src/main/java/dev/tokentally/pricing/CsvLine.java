package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.ProviderName;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A line of our own format.
 *
 * @param provider who sells, in the spelling of {@link ProviderName}
 * @param model in the spelling of {@link ModelName}
 * @param aliases what else it is called, in the same spelling
 * @param kind what kind of calls it is for; empty for any
 * @param from when it begins to hold
 * @param hours at which it holds; null for those that no other line names
 * @param tier for which it holds; empty for the standard one
 * @param upToInput the longest prompt that it holds for
 * @param prices for a million tokens, and for a thousand units
 */
record CsvLine(
        String provider,
        String model,
        List<String> aliases,
        String kind,
        Instant from,
        Hours hours,
        String tier,
        long upToInput,
        Map<Meter, BigDecimal> prices) {}
