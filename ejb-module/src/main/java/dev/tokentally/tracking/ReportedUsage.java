package dev.tokentally.tracking;

import dev.tokentally.llm.BilledFailure;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.pricing.Cost;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.TokenCounts;
import java.util.ArrayList;
import java.util.List;

/**
 * What an adapter says that a call used, put right where it cannot be.
 *
 * @param corrections what had to be put right, in words for the log; holds nothing but names of ours and numbers
 */
record ReportedUsage(String provider, String model, TokenCounts tokens, Cost cost, List<String> corrections) {

    static ReportedUsage of(LlmResponse<?> response) {
        if (response == null) {
            return nothing("response is null, recorded with no model and no tokens");
        }
        return of(response.provider(), response.model(), response.tokens(), response.costUsd());
    }

    /**
     * What a call that failed used.
     *
     * @param known what is known apart from what was thrown; null when nothing is, as are its model and tokens
     */
    static ReportedUsage of(Throwable thrown, LlmResponse<?> known) {
        if (!(thrown instanceof BilledFailure billed)) {
            return known == null ? nothing() : ofFailed(known);
        }
        try {
            return of(billed.provider(), billed.model(), billed.tokens(), billed.costUsd());
        } catch (RuntimeException brokenAccessor) {
            return nothing("a BilledFailure threw when asked what it cost, recorded as 0");
        }
    }

    private static ReportedUsage ofFailed(LlmResponse<?> known) {
        return of(
                known.provider(),
                known.model() == null ? "" : known.model(),
                known.tokens() == null ? TokenUsage.of(0, 0) : known.tokens(),
                known.costUsd());
    }

    private static ReportedUsage nothing(String... corrections) {
        return new ReportedUsage("", "", TokenCounts.ZERO, Cost.UNKNOWN, List.of(corrections));
    }

    private static ReportedUsage of(String provider, String model, TokenUsage tokens, Double costUsd) {
        List<String> corrections = new ArrayList<>();
        if (model == null) {
            corrections.add("model is null, recorded as \"\"");
        }
        return new ReportedUsage(
                provider == null ? "" : ColumnText.fit(provider, CallRecord.PROVIDER_LENGTH),
                model == null ? "" : ColumnText.fit(model, CallRecord.MODEL_LENGTH),
                counts(tokens, corrections),
                Cost.given(costUsd),
                corrections);
    }

    private static TokenCounts counts(TokenUsage tokens, List<String> corrections) {
        if (tokens == null) {
            corrections.add("tokens is null, recorded as 0");
            return TokenCounts.ZERO;
        }
        int input = notNegative("input", tokens.input(), corrections);
        int output = notNegative("output", tokens.output(), corrections);
        return new TokenCounts(
                input,
                output,
                partOf("cachedInput", tokens.cachedInput(), "input", input, corrections),
                partOf("cacheWrite", tokens.cacheWrite(), "input", input, corrections),
                partOf("reasoning", tokens.reasoning(), "output", output, corrections));
    }

    private static int notNegative(String field, int count, List<String> corrections) {
        if (count < 0) {
            corrections.add(field + " is " + count + ", recorded as 0");
            return 0;
        }
        return count;
    }

    private static int partOf(String field, int count, String wholeField, int whole, List<String> corrections) {
        int part = notNegative(field, count, corrections);
        if (part > whole) {
            corrections.add("%s is %d of %d %s, recorded as %d".formatted(field, part, whole, wholeField, whole));
            return whole;
        }
        return part;
    }
}
