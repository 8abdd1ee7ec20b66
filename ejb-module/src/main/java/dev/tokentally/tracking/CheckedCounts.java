package dev.tokentally.tracking;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.usage.TokenCounts;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Puts right the counts of an adapter that cannot be. A call whose counts had to be put right is never priced from them. */
final class CheckedCounts {

    /** As an adapter knows them; the rarer meters go by their labels. */
    private static final Map<Meter, String> FIELDS = new EnumMap<>(Map.of(
            Meter.INPUT_TOKENS, "input",
            Meter.OUTPUT_TOKENS, "output",
            Meter.CACHE_READ_TOKENS, "cachedInput",
            Meter.CACHE_WRITE_TOKENS, "cacheWrite",
            Meter.OUTPUT_REASONING_TOKENS, "reasoning"));

    private final TokenUsage told;
    private final List<String> corrections;
    private final Map<Meter, Long> right = new EnumMap<>(Meter.class);
    private boolean cannotBe;

    CheckedCounts(TokenUsage told, List<String> corrections) {
        this.told = told;
        this.corrections = corrections;
    }

    TokenCounts counts() {
        for (Meter meter : Meter.values()) {
            right.put(meter, withinItsWholes(meter, notNegative(meter, told.quantity(meter))));
        }
        long cached = right.get(Meter.CACHE_READ_TOKENS) + right.get(Meter.CACHE_WRITE_TOKENS);
        long input = right.get(Meter.INPUT_TOKENS);
        if (cached > input) {
            cannotBe = true;
            corrections.add(
                    "cachedInput and cacheWrite are together %d of %d input, not priced".formatted(cached, input));
        }
        Map<String, Long> rarer = new TreeMap<>();
        for (String name : told.meters().keySet()) {
            Meter meter = Meter.ofLabel(name).orElse(null);
            if (meter == null) {
                cannotBe = true;
                corrections.add("a meter has a name that is not known, left out");
            } else if (FIELDS.containsKey(meter)) {
                isToldTwice(meter, told.meters().get(name));
            } else {
                rarer.put(name, right.get(meter));
            }
        }
        TreeSet<String> doubts = new TreeSet<>();
        told.doubts().forEach(doubt -> doubts.add(doubt.label()));
        if (cannotBe) {
            doubts.add(UsageDoubt.CONTRADICTORY.label());
        }
        return new TokenCounts(
                count(Meter.INPUT_TOKENS),
                count(Meter.OUTPUT_TOKENS),
                count(Meter.CACHE_READ_TOKENS),
                count(Meter.CACHE_WRITE_TOKENS),
                count(Meter.OUTPUT_REASONING_TOKENS),
                rarer,
                doubts);
    }

    /** An adapter that makes the map by itself may put one of the five counts into it; the field is what counts. */
    private void isToldTwice(Meter meter, long quantity) {
        if (quantity != told.quantity(meter)) {
            cannotBe = true;
            corrections.add("%s is %d, and %d among the meters, which is left out"
                    .formatted(name(meter), told.quantity(meter), quantity));
        }
    }

    private int count(Meter meter) {
        return Math.toIntExact(right.get(meter));
    }

    private long notNegative(Meter meter, long quantity) {
        if (quantity < 0) {
            cannotBe = true;
            corrections.add(name(meter) + " is " + quantity + ", recorded as 0");
            return 0;
        }
        return quantity;
    }

    private long withinItsWholes(Meter meter, long quantity) {
        long part = quantity;
        for (Meter whole : meter.wholes()) {
            long most = right.get(whole);
            if (part > most) {
                cannotBe = true;
                corrections.add(
                        "%s is %d of %d %s, recorded as %d".formatted(name(meter), part, most, name(whole), most));
                part = most;
            }
        }
        return part;
    }

    private static String name(Meter meter) {
        return FIELDS.getOrDefault(meter, meter.label());
    }
}
