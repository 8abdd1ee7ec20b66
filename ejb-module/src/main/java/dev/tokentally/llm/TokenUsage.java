package dev.tokentally.llm;

/**
 * The tokens that one call used, as the provider counted them. Any value is accepted here; a negative count is recorded
 * as 0, and a part that is larger than its whole is cut to it.
 *
 * @param input tokens of the prompt, all of them
 * @param output tokens of the answer, all of them
 * @param cachedInput the part of {@code input} that the provider read from its cache
 * @param cacheWrite the part of {@code input} that the provider wrote to its cache
 * @param reasoning the part of {@code output} that the model spent on reasoning
 */
public record TokenUsage(int input, int output, int cachedInput, int cacheWrite, int reasoning) {

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
}
