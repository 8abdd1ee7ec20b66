package dev.tokentally.pricing;

import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Prices by the length of the prompt, and the time when they hold.
 *
 * @param from the first instant at which they hold; {@link Instant#MIN} if they have no beginning
 * @param hours the hours of the week at which they hold; null for all
 * @param notUnderstood the part of the condition that is not understood; null if all is understood
 * @param sheets the prices, by the longest prompt in tokens for which they hold; {@link PriceSheet#NONE} for lengths
 *     without a price
 */
record PricePeriod(Instant from, Hours hours, String notUnderstood, NavigableMap<Long, PriceSheet> sheets) {

    static final long ANY_LENGTH = Long.MAX_VALUE;

    static PricePeriod always(PriceSheet sheet) {
        return of(Instant.MIN, null, sheet);
    }

    static PricePeriod of(Instant from, Hours hours, PriceSheet sheet) {
        return new PricePeriod(from, hours, null, new TreeMap<>(Map.of(ANY_LENGTH, sheet)));
    }

    boolean holdsAt(Instant instant) {
        return !from.isAfter(instant) && (hours == null || hours.contains(instant));
    }

    /** The prices for a prompt's length; null if there are none. */
    PriceSheet sheet(long length) {
        Map.Entry<Long, PriceSheet> sheet = sheets.ceilingEntry(length);
        return sheet == null || sheet.getValue() == PriceSheet.NONE ? null : sheet.getValue();
    }

    /** The longest prompt that has a price, among those that are shorter than this length; 0 if none has. */
    long longestBelow(long length) {
        return sheets.headMap(length, false).descendingMap().entrySet().stream()
                .filter(sheet -> sheet.getValue() != PriceSheet.NONE)
                .mapToLong(Map.Entry::getKey)
                .findFirst()
                .orElse(0);
    }
}
