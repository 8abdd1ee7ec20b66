package dev.tokentally.pricing;

import java.math.BigDecimal;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a meter costs, by the length of the prompt.
 *
 * @param base US dollars for {@code per} of it, after a prompt of any length that has no price of its own; null where only
 *     longer prompts have one
 * @param above by the length that the prompt exceeds, in tokens
 * @param per a million, a thousand or one
 */
record MeterPrice(BigDecimal base, NavigableMap<Long, BigDecimal> above, int per) {

    static final int MILLION = 1_000_000;
    static final int THOUSAND = 1000;

    MeterPrice {
        above = new TreeMap<>(above);
    }

    static MeterPrice ofMillion(BigDecimal base) {
        return new MeterPrice(base, new TreeMap<>(), MILLION);
    }

    MeterPrice withBase(BigDecimal price) {
        return new MeterPrice(price, above, per);
    }

    MeterPrice withAbove(long length, BigDecimal price) {
        NavigableMap<Long, BigDecimal> more = new TreeMap<>(above);
        more.put(length, price);
        return new MeterPrice(base, more, per);
    }

    /** Of the longest threshold that the prompt exceeds; null where it exceeds none. */
    Map.Entry<Long, BigDecimal> beyond(long length) {
        return above.isEmpty() ? null : above.lowerEntry(length);
    }
}
