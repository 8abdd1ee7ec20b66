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
 * @param provider the provider, in the spelling of {@link ProviderName}
 * @param model the model, in the spelling of {@link ModelName}
 * @param aliases the model's other names, in the same spelling
 * @param kind the kind of calls for which the prices hold; empty for all kinds
 * @param from when the prices begin to hold
 * @param hours the hours at which the prices hold; null for all hours that no other line names
 * @param tier the tier for which the prices hold; empty for the standard one
 * @param upToInput the longest prompt for which the prices hold, in tokens
 * @param prices the prices in US dollars, for a million tokens or a thousand units
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
