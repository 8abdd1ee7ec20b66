package dev.tokentally.langchain4j;

import dev.tokentally.llm.TokenUsage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * What LangChain4j says that a call used, counted as our records count. What of it was cached or spent on reasoning is in
 * classes of the providers' own artifacts, of which an application has one or two, and perhaps only where this module does
 * not see them: so they are known by their names and asked by reflection.
 */
final class UsedTokens {

    private static final Logger LOG = System.getLogger(UsedTokens.class.getName());

    private UsedTokens() {}

    /** Null where LangChain4j says nothing, so that it is not taken for 0. */
    static TokenUsage of(dev.langchain4j.model.output.TokenUsage usage) {
        if (usage == null || usage.inputTokenCount() == null && usage.outputTokenCount() == null) {
            return null;
        }
        int input = orZero(usage.inputTokenCount());
        int output = orZero(usage.outputTokenCount());
        try {
            return of(usage, usage.getClass(), input, output);
        } catch (ReflectiveOperationException | RuntimeException otherVersion) {
            LOG.log(
                    Level.WARNING,
                    "What was cached or spent on reasoning is not known, as "
                            + usage.getClass().getName() + " is not as it was: "
                            + otherVersion.getClass().getName());
            return TokenUsage.of(input, output);
        }
    }

    private static TokenUsage of(Object usage, Class<?> type, int input, int output)
            throws ReflectiveOperationException {
        return switch (type.getName()) {
            case "dev.langchain4j.model.openai.OpenAiTokenUsage",
                    "dev.langchain4j.model.openaiofficial.OpenAiOfficialTokenUsage" ->
                new TokenUsage(
                        input,
                        output,
                        count(usage, "inputTokensDetails", "cachedTokens"),
                        0,
                        count(usage, "outputTokensDetails", "reasoningTokens"));
            case "dev.langchain4j.model.anthropic.AnthropicTokenUsage" ->
                besideTheCache(
                        input, output, count(usage, "cacheReadInputTokens"), count(usage, "cacheCreationInputTokens"));
            case "dev.langchain4j.model.bedrock.BedrockTokenUsage" ->
                besideTheCache(
                        input, output, count(usage, "cacheReadInputTokens"), count(usage, "cacheWriteInputTokens"));
            case "dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage" -> {
                // Gemini's count of the candidates' tokens is without those of its thoughts.
                int thoughts = count(usage, "thoughtsTokenCount");
                yield new TokenUsage(
                        input, add(output, thoughts), count(usage, "cachedContentTokenCount"), 0, thoughts);
            }
            default ->
                type == Object.class ? TokenUsage.of(input, output) : of(usage, type.getSuperclass(), input, output);
        };
    }

    /** For providers whose count of the input is without what was read from the cache and written to it. */
    private static TokenUsage besideTheCache(int input, int output, int read, int written) {
        return new TokenUsage(add(add(input, read), written), output, read, written, 0);
    }

    private static int count(Object usage, String... accessors) throws ReflectiveOperationException {
        Object found = usage;
        for (String accessor : accessors) {
            if (found == null) {
                return 0;
            }
            found = found.getClass().getMethod(accessor).invoke(found);
        }
        return orZero((Integer) found);
    }

    private static int orZero(Integer count) {
        return count == null ? 0 : count;
    }

    /** What does not fit an int is not a count of tokens. */
    private static int add(int one, int other) {
        return (int) Math.min((long) one + other, Integer.MAX_VALUE);
    }
}
