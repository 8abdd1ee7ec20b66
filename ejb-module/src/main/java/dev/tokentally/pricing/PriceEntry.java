package dev.tokentally.pricing;

import java.time.Instant;
import java.util.List;

/**
 * A price as a list names it.
 *
 * @param provider who sells, in the spelling of {@link ProviderName}; empty where the list does not say
 * @param model what it is called, in the spelling of {@link ModelName}
 * @param aliases what else it is called, in the same spelling
 * @param from when it begins to hold; {@link #ALWAYS} where the list has no dates
 * @param upToInput the longest prompt that it holds for, in tokens; {@link #ANY_INPUT} without a limit
 * @param price the price
 */
record PriceEntry(String provider, String model, List<String> aliases, Instant from, int upToInput, Price price) {

    static final Instant ALWAYS = Instant.MIN;
    static final int ANY_INPUT = Integer.MAX_VALUE;
}
