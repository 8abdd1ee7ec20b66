package dev.tokentally.pricing;

import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The prices of a model over time, and within a time by the length of the prompt. Not changed once a table has it. */
final class PriceHistory {

    private final NavigableMap<Instant, NavigableMap<Integer, Price>> periods = new TreeMap<>();

    void add(PriceEntry entry) {
        periods.computeIfAbsent(entry.from(), from -> new TreeMap<>()).put(entry.upToInput(), entry.price());
    }

    /** Null where there is none: before the first date, and for a prompt that is longer than all that have one. */
    Price at(Instant startedAt, int inputTokens) {
        Map.Entry<Instant, NavigableMap<Integer, Price>> period = periods.floorEntry(startedAt);
        Map.Entry<Integer, Price> price =
                period == null ? null : period.getValue().ceilingEntry(inputTokens);
        return price == null ? null : price.getValue();
    }
}
