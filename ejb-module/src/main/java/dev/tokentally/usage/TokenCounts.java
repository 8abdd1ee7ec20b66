package dev.tokentally.usage;

import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tokens of a recorded call, and everything else that its bill depends on.
 *
 * @param input tokens of the prompt, all of them
 * @param output tokens of the answer, all of them
 * @param cachedInput the part of {@code input} read from the provider's cache
 * @param cacheWrite the part of {@code input} written to the provider's cache
 * @param reasoning the part of {@code output} spent on reasoning
 * @param meters the rarer meters, by their names; one with 0 says that the provider counted none; unmodifiable, in the
 *     order of the names
 * @param doubts the names of the reasons why the counts may not explain the whole bill; unmodifiable, in the order of
 *     the names
 */
public record TokenCounts(
        int input,
        int output,
        int cachedInput,
        int cacheWrite,
        int reasoning,
        Map<String, Long> meters,
        Set<String> doubts) {

    /** The longest {@code meters}. All rarer meters with their largest quantities are shorter. */
    public static final int METERS_LENGTH = 1000;

    /** The longest {@code usage_doubts}. */
    public static final int DOUBTS_LENGTH = 128;

    /** The counts of a call that used nothing, or whose usage is not known. */
    public static final TokenCounts ZERO = new TokenCounts(0, 0, 0, 0, 0);

    /**
     * The doubt of a row whose meters or doubts cannot be read, or with a part above its whole. Such a row is never priced,
     * since its counts may mean anything.
     */
    private static final String CONTRADICTORY = "contradictory";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
    private static final Pattern METER = Pattern.compile("([a-z][a-z0-9_]*)=([0-9]{1,19})");

    /**
     * Refuses impossible values.
     *
     * @throws NullPointerException when the meters, the doubts or an element of them is null
     * @throws IllegalArgumentException when a count is negative, a part is larger than its whole, or a name has a wrong
     *     form
     */
    public TokenCounts {
        notNegative("input", input);
        notNegative("output", output);
        partOf("cachedInput", cachedInput, "input", input);
        partOf("cacheWrite", cacheWrite, "input", input);
        partOf("reasoning", reasoning, "output", output);
        meters = copyOf(meters);
        doubts = copyOf(doubts);
        CallRecord.fits("meters", text(meters), METERS_LENGTH);
        CallRecord.fits("doubts", String.join(" ", doubts), DOUBTS_LENGTH);
    }

    /**
     * Counts without rarer meters and without doubts.
     *
     * @param input tokens of the prompt, all of them
     * @param output tokens of the answer, all of them
     * @param cachedInput the part of the input read from the cache
     * @param cacheWrite the part of the input written to the cache
     * @param reasoning the part of the output spent on reasoning
     */
    public TokenCounts(int input, int output, int cachedInput, int cacheWrite, int reasoning) {
        this(input, output, cachedInput, cacheWrite, reasoning, Map.of(), Set.of());
    }

    private static Map<String, Long> copyOf(Map<String, Long> meters) {
        if (meters.isEmpty()) {
            return Map.of();
        }
        Map<String, Long> copy = new TreeMap<>();
        meters.forEach((name, quantity) -> {
            named(name);
            if (quantity < 0) {
                throw new IllegalArgumentException(name + " must not be negative: " + quantity);
            }
            copy.put(name, quantity);
        });
        return Collections.unmodifiableMap(copy);
    }

    private static Set<String> copyOf(Set<String> doubts) {
        if (doubts.isEmpty()) {
            return Set.of();
        }
        doubts.forEach(TokenCounts::named);
        return Collections.unmodifiableSet(new TreeSet<>(doubts));
    }

    private static void named(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not the name of a meter or a doubt: it must match " + NAME);
        }
    }

    /** The content of the column {@code meters}, such as {@code input_audio_tokens=12 web_searches=1}. */
    String metersText() {
        return text(meters);
    }

    /** The content of the column {@code usage_doubts}. */
    String doubtsText() {
        return String.join(" ", doubts);
    }

    private static String text(Map<String, Long> meters) {
        return meters.isEmpty()
                ? ""
                : meters.entrySet().stream()
                        .map(meter -> meter.getKey() + "=" + meter.getValue())
                        .collect(Collectors.joining(" "));
    }

    /**
     * The counts of a row, which a person or a newer release may have written. Meters and doubts that cannot be read are
     * left out, and a part that exceeds its whole is cut to it. The call is then not priced again, and its recorded cost stays.
     *
     * @param input tokens of the prompt, all of them
     * @param output tokens of the answer, all of them
     * @param cachedInput the part of the input read from the cache
     * @param cacheWrite the part of the input written to the cache
     * @param reasoning the part of the output spent on reasoning
     * @param metersText what {@link #metersText()} writes; null stands for no meters
     * @param doubtsText what {@link #doubtsText()} writes; null stands for no doubts
     */
    static TokenCounts ofRow(
            int input,
            int output,
            int cachedInput,
            int cacheWrite,
            int reasoning,
            String metersText,
            String doubtsText) {
        Set<String> doubts = new TreeSet<>();
        for (String name : words(doubtsText)) {
            doubts.add(NAME.matcher(name).matches() ? name : CONTRADICTORY);
        }
        Map<String, Long> meters = new TreeMap<>();
        for (String word : words(metersText)) {
            Matcher meter = METER.matcher(word);
            BigInteger quantity = meter.matches() ? new BigInteger(meter.group(2)) : null;
            if (quantity == null
                    || quantity.bitLength() >= Long.SIZE
                    || meters.put(meter.group(1), quantity.longValue()) != null) {
                doubts.add(CONTRADICTORY);
            }
        }
        if (cachedInput > input || cacheWrite > input || reasoning > output) {
            doubts.add(CONTRADICTORY);
        }
        // If the doubts together are too long for the column, this one doubt is enough.
        boolean fit = String.join(" ", doubts).length() <= DOUBTS_LENGTH;
        return new TokenCounts(
                input,
                output,
                Math.min(cachedInput, input),
                Math.min(cacheWrite, input),
                Math.min(reasoning, output),
                meters,
                fit ? doubts : Set.of(CONTRADICTORY));
    }

    private static List<String> words(String text) {
        return text == null || text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    private static void notNegative(String field, int count) {
        if (count < 0) {
            throw new IllegalArgumentException(field + " must not be negative: " + count);
        }
    }

    private static void partOf(String field, int part, String wholeField, int whole) {
        notNegative(field, part);
        if (part > whole) {
            throw new IllegalArgumentException(
                    field + " is a part of " + wholeField + " and cannot exceed it: " + part + " > " + whole);
        }
    }
}
