package dev.tokentally.llm;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Corrects impossible counts, such as negative ones. A call whose counts had to be corrected is never priced from them.
 */
final class CountCheck {

    /** The names of the five counts in {@link TokenUsage}, for the log. The rarer meters go by their labels. */
    private static final Map<Meter, String> FIELDS = new EnumMap<>(Map.of(
            Meter.INPUT_TOKENS, "input",
            Meter.OUTPUT_TOKENS, "output",
            Meter.CACHE_READ_TOKENS, "cachedInput",
            Meter.CACHE_WRITE_TOKENS, "cacheWrite",
            Meter.OUTPUT_REASONING_TOKENS, "reasoning"));

    private final TokenUsage told;
    private final Consumer<String> corrections;
    private final Map<Meter, Long> right = new EnumMap<>(Meter.class);
    private boolean cannotBe;

    CountCheck(TokenUsage told, Consumer<String> corrections) {
        this.told = told;
        this.corrections = corrections;
    }

    /**
     * A quick test, since calls wait for it: whether there is no rarer meter and nothing for {@link #putRight} to
     * change. That is so for most calls.
     */
    static boolean isPlainlyRight(TokenUsage told) {
        return told.meters().isEmpty()
                && told.input() >= 0
                && told.cachedInput() >= 0
                && told.cacheWrite() >= 0
                && told.reasoning() >= 0
                && (long) told.cachedInput() + told.cacheWrite() <= told.input()
                && told.reasoning() <= told.output();
    }

    TokenUsage putRight() {
        for (Meter meter : Meter.values()) {
            right.put(meter, withinItsWholes(meter, notNegative(meter, told.quantity(meter))));
        }
        long cached = right.get(Meter.CACHE_READ_TOKENS) + right.get(Meter.CACHE_WRITE_TOKENS);
        long input = right.get(Meter.INPUT_TOKENS);
        if (cached > input) {
            cannotBe(String.format(
                    Locale.ROOT,
                    "cachedInput and cacheWrite are %d together, more than %d input, not priced",
                    cached,
                    input));
        }
        Map<String, Long> rarer = new LinkedHashMap<>();
        for (String name : told.meters().keySet()) {
            Meter meter = Meter.ofLabel(name).orElse(null);
            if (meter == null || FIELDS.containsKey(meter)) {
                cannotBe("a meter without a known name is left out, not priced");
            } else {
                rarer.put(name, right.get(meter));
            }
        }
        if (!cannotBe) {
            return told;
        }
        return new TokenUsage(
                        count(Meter.INPUT_TOKENS),
                        count(Meter.OUTPUT_TOKENS),
                        count(Meter.CACHE_READ_TOKENS),
                        count(Meter.CACHE_WRITE_TOKENS),
                        count(Meter.OUTPUT_REASONING_TOKENS),
                        rarer,
                        told.doubts())
                .with(UsageDoubt.CONTRADICTORY);
    }

    private void cannotBe(String correction) {
        cannotBe = true;
        corrections.accept(correction);
    }

    private int count(Meter meter) {
        return Math.toIntExact(right.get(meter));
    }

    private long notNegative(Meter meter, long quantity) {
        if (quantity < 0) {
            cannotBe(name(meter) + " is " + quantity + ", recorded as 0");
            return 0;
        }
        return quantity;
    }

    private long withinItsWholes(Meter meter, long quantity) {
        long part = quantity;
        for (Meter whole : meter.wholes()) {
            long most = right.get(whole);
            if (part > most) {
                cannotBe(String.format(
                        Locale.ROOT,
                        "%s is %d, more than %d %s, recorded as %d",
                        name(meter),
                        part,
                        most,
                        name(whole),
                        most));
                part = most;
            }
        }
        return part;
    }

    private static String name(Meter meter) {
        return FIELDS.getOrDefault(meter, meter.label());
    }
}
