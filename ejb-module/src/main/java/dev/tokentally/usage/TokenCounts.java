package dev.tokentally.usage;

/**
 * The tokens of a recorded call.
 *
 * @param input tokens of the prompt, all of them
 * @param output tokens of the answer, all of them
 * @param cachedInput the part of {@code input} read from the provider's cache
 * @param cacheWrite the part of {@code input} written to the provider's cache
 * @param reasoning the part of {@code output} spent on reasoning
 */
public record TokenCounts(int input, int output, int cachedInput, int cacheWrite, int reasoning) {

    /** Of a call that used none, or of which it is not known. */
    public static final TokenCounts ZERO = new TokenCounts(0, 0, 0, 0, 0);

    /**
     * Refuses what cannot be.
     *
     * @throws IllegalArgumentException when a count is negative or a part is larger than its whole
     */
    public TokenCounts {
        notNegative("input", input);
        notNegative("output", output);
        partOf("cachedInput", cachedInput, "input", input);
        partOf("cacheWrite", cacheWrite, "input", input);
        partOf("reasoning", reasoning, "output", output);
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
