package dev.tokentally.llm;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What one call used, as the provider counted it. Every value is accepted here. A negative count is recorded as 0, and
 * a part that is larger than its whole is reduced to the whole. Such a call gets no price.
 *
 * @param input tokens of the prompt, all of them
 * @param output tokens of the answer, all of them
 * @param cachedInput the part of {@code input} that the provider read from its cache
 * @param cacheWrite the part of {@code input} that the provider wrote to its cache
 * @param reasoning the part of {@code output} that the model spent on reasoning
 * @param meters the rarer meters, by the labels of {@link Meter}, in the order of their names; never null, unmodifiable
 * @param doubts why the counts may not be the whole bill; never null, unmodifiable
 */
public record TokenUsage(
        int input,
        int output,
        int cachedInput,
        int cacheWrite,
        int reasoning,
        Map<String, Long> meters,
        Set<UsageDoubt> doubts) {

    /**
     * Copies the map and the set. Null stands for an empty one; an entry that contains null is left out. A map or a set
     * that throws stands for an empty one and for the doubt {@link UsageDoubt#INCOMPLETE}.
     */
    public TokenUsage {
        Map<String, Long> readMeters = copyOf(meters);
        Set<UsageDoubt> readDoubts = copyOf(doubts);
        if (readMeters == null || readDoubts == null) {
            readDoubts = plus(readDoubts, UsageDoubt.INCOMPLETE);
        }
        meters = readMeters == null ? Collections.emptyMap() : readMeters;
        doubts = readDoubts;
    }

    /**
     * Most calls have no rarer meter, and calls wait for this: so the empty map is not copied. Null if the map throws,
     * for example because another thread changes it.
     */
    private static Map<String, Long> copyOf(Map<String, Long> meters) {
        try {
            if (meters == null || meters.isEmpty()) {
                return Collections.emptyMap();
            }
            Map<String, Long> copy = new TreeMap<>();
            meters.forEach((meter, quantity) -> {
                if (meter != null && quantity != null) {
                    copy.put(meter, quantity);
                }
            });
            return Collections.unmodifiableMap(copy);
        } catch (Throwable unreadable) {
            return null;
        }
    }

    /** Null if the set throws. */
    private static Set<UsageDoubt> copyOf(Set<UsageDoubt> doubts) {
        try {
            if (doubts == null || doubts.isEmpty()) {
                return Collections.emptySet();
            }
            Set<UsageDoubt> known = EnumSet.noneOf(UsageDoubt.class);
            doubts.stream().filter(doubt -> doubt != null).forEach(known::add);
            return Collections.unmodifiableSet(known);
        } catch (Throwable unreadable) {
            return null;
        }
    }

    private static Set<UsageDoubt> plus(Set<UsageDoubt> doubts, UsageDoubt doubt) {
        Set<UsageDoubt> more = EnumSet.of(doubt);
        if (doubts != null) {
            more.addAll(doubts);
        }
        return Collections.unmodifiableSet(more);
    }

    /**
     * Usage without rarer meters and without doubts.
     *
     * @param input tokens of the prompt, all of them
     * @param output tokens of the answer, all of them
     * @param cachedInput the part of the input that was read from the cache
     * @param cacheWrite the part of the input that was written to the cache
     * @param reasoning the part of the output that was spent on reasoning
     */
    public TokenUsage(int input, int output, int cachedInput, int cacheWrite, int reasoning) {
        this(input, output, cachedInput, cacheWrite, reasoning, Map.of(), Set.of());
    }

    /**
     * Plain usage, without caching or reasoning.
     *
     * @param input tokens of the prompt
     * @param output tokens of the answer
     * @return the usage
     */
    public static TokenUsage of(int input, int output) {
        return new TokenUsage(input, output, 0, 0, 0);
    }

    /**
     * The same usage with a meter set. If it is {@code input_tokens} or {@code output_tokens}, the doubt that this count
     * is not known is taken away. If only a total was known, the output is not known after the input was set, unless it
     * was set before and is not 0. The other doubts stay.
     *
     * @param meter the label of a {@link Meter}; any other name is kept here, but left out with a WARNING when the call
     *     is recorded
     * @param quantity how much; for one of the five counts it is limited to the range of {@code int}
     * @return a copy
     */
    public TokenUsage with(String meter, long quantity) {
        int count = (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, quantity));
        Meter known = Meter.ofLabel(meter).orElse(null);
        if (known == Meter.INPUT_TOKENS) {
            // If only a total was known, the output was not.
            boolean isOutputUnknown = doubts.contains(UsageDoubt.TOTAL_ALONE) && output == 0;
            return new TokenUsage(count, output, cachedInput, cacheWrite, reasoning, meters, doubts)
                    .without(UsageDoubt.INPUT_UNKNOWN)
                    .without(UsageDoubt.TOTAL_ALONE)
                    .with(isOutputUnknown ? UsageDoubt.OUTPUT_UNKNOWN : null);
        }
        if (known == Meter.OUTPUT_TOKENS) {
            return new TokenUsage(input, count, cachedInput, cacheWrite, reasoning, meters, doubts)
                    .without(UsageDoubt.OUTPUT_UNKNOWN);
        }
        if (known == Meter.CACHE_READ_TOKENS) {
            return new TokenUsage(input, output, count, cacheWrite, reasoning, meters, doubts);
        }
        if (known == Meter.CACHE_WRITE_TOKENS) {
            return new TokenUsage(input, output, cachedInput, count, reasoning, meters, doubts);
        }
        if (known == Meter.OUTPUT_REASONING_TOKENS) {
            return new TokenUsage(input, output, cachedInput, cacheWrite, count, meters, doubts);
        }
        Map<String, Long> more = new LinkedHashMap<>(meters);
        more.put(meter, quantity);
        return new TokenUsage(input, output, cachedInput, cacheWrite, reasoning, more, doubts);
    }

    /**
     * The same usage with one more doubt.
     *
     * @param doubt why the counts may not be the whole bill; null for none
     * @return a copy
     */
    public TokenUsage with(UsageDoubt doubt) {
        return doubt == null
                ? this
                : new TokenUsage(input, output, cachedInput, cacheWrite, reasoning, meters, plus(doubts, doubt));
    }

    /**
     * How much of a meter was used.
     *
     * @param meter the meter
     * @return the quantity as it was given; 0 when none was given
     */
    public long quantity(Meter meter) {
        return switch (meter) {
            case INPUT_TOKENS -> input;
            case OUTPUT_TOKENS -> output;
            case CACHE_READ_TOKENS -> cachedInput;
            case CACHE_WRITE_TOKENS -> cacheWrite;
            case OUTPUT_REASONING_TOKENS -> reasoning;
            default -> meters.getOrDefault(meter.label(), 0L);
        };
    }

    /**
     * The usage as it counts for a kind of call. If only a total is known, it is the input of an embedding, a
     * moderation or a reranking, since these have no output. For any other kind the total counts for nothing.
     *
     * @param kind what kind of call it was; null for a chat
     * @return this usage, or a corrected copy
     */
    public TokenUsage forKind(String kind) {
        boolean hasOutput = CallKind.hasOutput(kind);
        if (hasOutput && doubts.contains(UsageDoubt.TOTAL_ALONE)) {
            return new TokenUsage(0, output, cachedInput, cacheWrite, reasoning, meters, doubts)
                    .without(UsageDoubt.TOTAL_ALONE)
                    .with(UsageDoubt.INPUT_UNKNOWN);
        }
        return hasOutput ? this : without(UsageDoubt.TOTAL_ALONE).without(UsageDoubt.OUTPUT_UNKNOWN);
    }

    /**
     * Corrects impossible counts: a negative count becomes 0, a part that is larger than its whole is reduced to the
     * whole, and a meter with an unknown name is left out. A usage that had to be corrected has the doubt {@link
     * UsageDoubt#CONTRADICTORY}.
     *
     * @param corrections receives a text for each correction; it holds numbers and the module's own words only
     * @return this usage if nothing had to be corrected, otherwise a copy
     */
    public TokenUsage putRight(Consumer<String> corrections) {
        return CountCheck.isPlainlyRight(this) ? this : new CountCheck(this, corrections).putRight();
    }

    private TokenUsage without(UsageDoubt doubt) {
        if (!doubts.contains(doubt)) {
            return this;
        }
        Set<UsageDoubt> fewer = EnumSet.copyOf(doubts);
        fewer.remove(doubt);
        return new TokenUsage(input, output, cachedInput, cacheWrite, reasoning, meters, fewer);
    }
}
