package dev.tokentally.pricing;

import dev.tokentally.usage.TokenCounts;
import java.math.BigDecimal;

/**
 * What a million tokens cost in US dollars. Without zeros at the end, so that equal prices are equal.
 *
 * @param input of the prompt that is neither read from the cache nor written to it
 * @param cachedInput of the part of the prompt that is read from the cache
 * @param cacheWrite of the part of the prompt that is written to the cache
 * @param output of the answer without reasoning
 * @param reasoning of the part of the answer that is reasoning
 */
record Price(BigDecimal input, BigDecimal cachedInput, BigDecimal cacheWrite, BigDecimal output, BigDecimal reasoning) {

    private static final int MILLION = 6;

    /** Where a part has no price of its own (null), it costs what its whole costs. */
    static Price of(
            BigDecimal input, BigDecimal cachedInput, BigDecimal cacheWrite, BigDecimal output, BigDecimal reasoning) {
        return new Price(
                input.stripTrailingZeros(),
                (cachedInput == null ? input : cachedInput).stripTrailingZeros(),
                (cacheWrite == null ? input : cacheWrite).stripTrailingZeros(),
                output.stripTrailingZeros(),
                (reasoning == null ? output : reasoning).stripTrailingZeros());
    }

    /**
     * The exact cost. Both parts of the input together cannot be more than it, although each of them is checked alone:
     * what is written to the cache then counts in full, being the dearer, and what is read from it up to the rest.
     */
    BigDecimal costOf(TokenCounts tokens) {
        int cacheWritten = tokens.cacheWrite();
        int cached = Math.min(tokens.cachedInput(), tokens.input() - cacheWritten);
        return times(tokens.input() - cacheWritten - cached, input)
                .add(times(cached, cachedInput))
                .add(times(cacheWritten, cacheWrite))
                .add(times(tokens.output() - tokens.reasoning(), output))
                .add(times(tokens.reasoning(), reasoning))
                .movePointLeft(MILLION);
    }

    private static BigDecimal times(int count, BigDecimal price) {
        return price.multiply(BigDecimal.valueOf(count));
    }
}
