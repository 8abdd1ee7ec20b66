package dev.tokentally.langchain4j;

import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;

/**
 * What a call used, as LangChain4j says, counted as our records count. The cached tokens and those of reasoning are in classes of
 * the providers' artifacts. An application has one or two of these artifacts, perhaps where this module does not see them. So their
 * classes are found by name and read by reflection.
 */
final class UsedTokens {

    private static final Logger LOG = QuietLog.of(UsedTokens.class);

    private static final String GOOGLE = "gcp.";

    private UsedTokens() {}

    /** Null if LangChain4j gives none, so that it is not taken for 0. */
    static TokenUsage of(dev.langchain4j.model.output.TokenUsage usage) {
        return of(usage, "");
    }

    /**
     * The same.
     *
     * @param provider as our rows name it; it is needed because all of LangChain4j's classes for Google drop the tokens that tools
     *     put into a prompt
     */
    static TokenUsage of(dev.langchain4j.model.output.TokenUsage usage, String provider) {
        if (usage == null || isNothing(usage)) {
            return null;
        }
        if (isTotalAlone(usage)) {
            return TokenUsage.of(usage.totalTokenCount(), 0).with(UsageDoubt.TOTAL_ALONE);
        }
        Counts counts = new Counts(orZero(usage.inputTokenCount()), orZero(usage.outputTokenCount()));
        try {
            addDetails(counts, usage, usage.getClass());
        } catch (ReflectiveOperationException | RuntimeException otherVersion) {
            LOG.log(
                    Level.WARNING,
                    "Cached tokens and reasoning tokens are not known, because the class "
                            + usage.getClass().getName() + " differs from the known versions: "
                            + otherVersion.getClass().getName());
            counts.incomplete = true;
        }
        counts.inputUnknown = usage.inputTokenCount() == null || counts.input == 0;
        counts.outputUnknown = usage.outputTokenCount() == null && counts.reasoning == 0;
        counts.dropsToolPrompts |= provider.startsWith(GOOGLE);
        counts.checkTotal(usage.totalTokenCount());
        return counts.tokens();
    }

    /** Every call has an input of at least one token. Some of LangChain4j's models give 0 if the provider gives nothing. */
    private static boolean isNothing(dev.langchain4j.model.output.TokenUsage usage) {
        return orZero(usage.inputTokenCount()) == 0
                && orZero(usage.outputTokenCount()) == 0
                && orZero(usage.totalTokenCount()) == 0;
    }

    /** The plain class has no other counts, so 0 beside a total says no more than null. */
    private static boolean isTotalAlone(dev.langchain4j.model.output.TokenUsage usage) {
        return usage.inputTokenCount() == null && usage.outputTokenCount() == null
                || usage.getClass() == dev.langchain4j.model.output.TokenUsage.class
                        && orZero(usage.inputTokenCount()) == 0
                        && orZero(usage.outputTokenCount()) == 0;
    }

    private static void addDetails(Counts counts, Object usage, Class<?> type) throws ReflectiveOperationException {
        switch (type.getName()) {
            case "dev.langchain4j.model.openai.OpenAiTokenUsage",
                    "dev.langchain4j.model.openaiofficial.OpenAiOfficialTokenUsage" -> {
                counts.cacheRead = count(usage, "inputTokensDetails", "cachedTokens");
                counts.reasoning = count(usage, "outputTokensDetails", "reasoningTokens");
            }
            case "dev.langchain4j.model.anthropic.AnthropicTokenUsage" ->
                counts.addCache(count(usage, "cacheReadInputTokens"), count(usage, "cacheCreationInputTokens"));
            case "dev.langchain4j.model.bedrock.BedrockTokenUsage" ->
                counts.addCache(count(usage, "cacheReadInputTokens"), count(usage, "cacheWriteInputTokens"));
            case "dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage" -> {
                // Gemini's count of the candidates' tokens does not include its thoughts.
                counts.reasoning = count(usage, "thoughtsTokenCount");
                counts.output += counts.reasoning;
                counts.cacheRead = count(usage, "cachedContentTokenCount");
                counts.dropsToolPrompts = true;
            }
            default -> {
                if (type != Object.class) {
                    addDetails(counts, usage, type.getSuperclass());
                }
            }
        }
    }

    private static int count(Object usage, String... accessors) throws ReflectiveOperationException {
        Object found = usage;
        for (String accessor : accessors) {
            if (found == null) {
                return 0;
            }
            Method method = Accessors.of(found, accessor);
            if (method == null) {
                throw new NoSuchMethodException(accessor);
            }
            found = method.invoke(found);
        }
        return orZero((Integer) found);
    }

    private static int orZero(Integer count) {
        return count == null ? 0 : count;
    }

    /** What is known so far. Sums are longs, as three counts may be more than an int holds. */
    private static final class Counts {

        private long input;
        private long output;
        private int cacheRead;
        private int cacheWrite;
        private long reasoning;
        private boolean inputUnknown;
        private boolean outputUnknown;
        private boolean dropsToolPrompts;
        private boolean incomplete;
        private boolean contradictory;

        Counts(int input, int output) {
            this.input = input;
            this.output = output;
        }

        /**
         * For providers whose input count does not include the tokens that were read from the cache and written to it.
         * LangChain4j's classes do not say which writes are for an hour; these cost more.
         */
        void addCache(int read, int written) {
            input += (long) read + written;
            cacheRead = read;
            cacheWrite = written;
            incomplete |= written > 0;
        }

        /** If the total is larger than the sum of its parts, something else was counted. A smaller total means nothing. */
        void checkTotal(Integer total) {
            if (total == null || inputUnknown || total <= input + output) {
                return;
            }
            if (dropsToolPrompts) {
                // The missing tokens may be part of the prompt or of the answer.
                contradictory = true;
            } else {
                incomplete |= reasoning == 0 || total - input != output + reasoning;
                output = total - input;
                outputUnknown = false;
            }
        }

        TokenUsage tokens() {
            TokenUsage tokens = new TokenUsage(fit(input), fit(output), cacheRead, cacheWrite, fit(reasoning));
            tokens = inputUnknown ? tokens.with(UsageDoubt.INPUT_UNKNOWN) : tokens;
            tokens = outputUnknown ? tokens.with(UsageDoubt.OUTPUT_UNKNOWN) : tokens;
            tokens = incomplete ? tokens.with(UsageDoubt.INCOMPLETE) : tokens;
            return contradictory ? tokens.with(UsageDoubt.CONTRADICTORY) : tokens;
        }

        /** Limits a count to an int. A larger one cannot be right, so the counts are then contradictory. */
        private int fit(long count) {
            contradictory |= count > Integer.MAX_VALUE;
            return (int) Math.min(count, Integer.MAX_VALUE);
        }
    }
}
