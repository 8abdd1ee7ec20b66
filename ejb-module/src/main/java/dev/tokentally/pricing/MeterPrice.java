package dev.tokentally.pricing;

import java.math.BigDecimal;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;

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

    /** Takes out the prices of 0, but not those above a length for which they are real. The base has the length 0. */
    MeterPrice withoutZeros(LongPredicate isReal) {
        NavigableMap<Long, BigDecimal> fewer = new TreeMap<>(above);
        fewer.entrySet().removeIf(price -> price.getValue().signum() == 0 && !isReal.test(price.getKey()));
        boolean isNone = base == null || base.signum() == 0 && !isReal.test(0);
        return new MeterPrice(isNone ? null : base, fewer, per);
    }

    /** Whether the price just above the length is above 0. */
    boolean isAboveZero(long length) {
        Map.Entry<Long, BigDecimal> longer = above.floorEntry(length);
        BigDecimal price = longer == null ? base : longer.getValue();
        return price != null && price.signum() > 0;
    }

    /** The price at the highest threshold that the prompt exceeds; null if it exceeds none. */
    Map.Entry<Long, BigDecimal> beyond(long length) {
        return above.isEmpty() ? null : above.lowerEntry(length);
    }
}
