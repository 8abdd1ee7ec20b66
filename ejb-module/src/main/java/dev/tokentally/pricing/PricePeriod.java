package dev.tokentally.pricing;

import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * When prices hold, and for which lengths of the prompt.
 *
 * @param from the first instant; {@link Instant#MIN} for always
 * @param hours at which they hold; null for all
 * @param riddle what of the condition is not understood; null where all is
 * @param sheets by the longest prompt, in tokens, that they hold for; {@link PriceSheet#NONE} for lengths without a price
 */
record PricePeriod(Instant from, Hours hours, String riddle, NavigableMap<Long, PriceSheet> sheets) {

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

    /** Null where such a prompt has no price. */
    PriceSheet sheet(long length) {
        Map.Entry<Long, PriceSheet> sheet = sheets.ceilingEntry(length);
        return sheet == null || sheet.getValue() == PriceSheet.NONE ? null : sheet.getValue();
    }
}
