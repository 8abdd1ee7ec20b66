package dev.tokentally.pricing;

import java.math.BigDecimal;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The price of a meter, by the length of the prompt.
 *
 * @param base US dollars for {@code per} of it, for all prompt lengths without a price in {@code above}; null if there
 *     is none
 * @param above the price for longer prompts, by the length in tokens that the prompt must exceed
 * @param per how many the price is for: a million, a thousand or one
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

    MeterPrice withoutZeros() {
        NavigableMap<Long, BigDecimal> fewer = new TreeMap<>(above);
        fewer.values().removeIf(price -> price.signum() == 0);
        return new MeterPrice(base == null || base.signum() == 0 ? null : base, fewer, per);
    }

    /** The price at the highest threshold that the prompt exceeds; null if it exceeds none. */
    Map.Entry<Long, BigDecimal> beyond(long length) {
        return above.isEmpty() ? null : above.lowerEntry(length);
    }
}
