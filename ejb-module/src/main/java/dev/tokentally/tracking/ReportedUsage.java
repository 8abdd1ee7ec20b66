package dev.tokentally.tracking;

import dev.tokentally.llm.BilledFailure;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.Meter;
import dev.tokentally.llm.ServiceTier;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.text.ColumnText;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.TokenCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a call used according to its adapter, with impossible values corrected. A row has these values, and so has the answer of
 * {@code POST /completions}.
 *
 * @param usage provider, model, tokens, tier and kind, made to fit the columns of a row
 * @param cost what the adapter says that the call costs; {@link Cost#UNKNOWN} if it says nothing usable
 * @param responseId the provider's id of its answer; null when not known
 * @param corrections what had to be corrected, in words for the log; contains only our own names and numbers
 */
public record ReportedUsage(CallUsage usage, Cost cost, String responseId, List<String> corrections) {

    /** Copies the list. */
    public ReportedUsage {
        corrections = List.copyOf(corrections);
    }

    /**
     * What an answered call used. Never throws.
     *
     * @param response what the adapter returned; may be null
     * @return what a row of the call has
     */
    public static ReportedUsage of(LlmResponse<?> response) {
        if (response == null) {
            return nothing("response is null, recorded with no model and no tokens");
        }
        return of(
                response.provider(),
                response.model(),
                response.tokens(),
                response.costUsd(),
                response.serviceTier(),
                response.kind(),
                response.requestedModel(),
                response.responseId());
    }

    /**
     * What a failed call used.
     *
     * @param known what is known in addition to the exception; null if nothing is; its model and its tokens may be null too
     */
    static ReportedUsage of(Throwable thrown, LlmResponse<?> known) {
        List<BilledFailure> all = billed(thrown);
        if (all.isEmpty()) {
            return known == null ? nothing() : ofFailed(known);
        }
        BilledFailure billed = all.get(0);
        boolean isAll = all.size() == 1;
        try {
            TokenUsage tokens = tokens(billed, known);
            return of(
                    billed.provider(),
                    billed.model(),
                    isAll ? tokens : tokens.with(UsageDoubt.INCOMPLETE),
                    isAll ? billed.costUsd() : null,
                    tier(billed, known),
                    known == null ? CallUsage.CHAT : known.kind(),
                    requestedModel(billed, known),
                    responseId(billed, known));
        } catch (Throwable brokenAccessor) {
            return nothing("a BilledFailure threw when asked what it cost, recorded as 0");
        }
    }

    /** The failure itself if it is billed, and those that it has suppressed for earlier requests of the same call. */
    private static List<BilledFailure> billed(Throwable thrown) {
        List<BilledFailure> billed = new ArrayList<>();
        if (thrown instanceof BilledFailure failure) {
            billed.add(failure);
        }
        if (thrown != null) {
            for (Throwable suppressed : thrown.getSuppressed()) {
                if (suppressed instanceof BilledFailure.Earlier earlier) {
                    billed.add(earlier);
                }
            }
        }
        return billed;
    }

    /** Whether a failure says that the provider charges for the call. */
    static boolean isBilled(Throwable thrown) {
        return !billed(thrown).isEmpty();
    }

    private static TokenUsage tokens(BilledFailure billed, LlmResponse<?> known) {
        TokenUsage tokens = billed.tokens();
        return orNone(tokens == null && known != null ? known.tokens() : tokens);
    }

    private static TokenUsage orNone(TokenUsage tokens) {
        return tokens == null ? TokenUsage.of(0, 0) : tokens;
    }

    private static String tier(BilledFailure billed, LlmResponse<?> known) {
        String tier = billed.serviceTier();
        return (tier == null || tier.isBlank()) && known != null ? known.serviceTier() : tier;
    }

    private static String requestedModel(BilledFailure billed, LlmResponse<?> known) {
        String model = billed.requestedModel();
        return (model == null || model.isBlank()) && known != null ? known.requestedModel() : model;
    }

    private static String responseId(BilledFailure billed, LlmResponse<?> known) {
        String id = billed.responseId();
        return (id == null || id.isBlank()) && known != null ? known.responseId() : id;
    }

    private static ReportedUsage ofFailed(LlmResponse<?> known) {
        return of(
                known.provider(),
                known.model() == null ? "" : known.model(),
                orNone(known.tokens()),
                known.costUsd(),
                known.serviceTier(),
                known.kind(),
                known.requestedModel(),
                known.responseId());
    }

    private static ReportedUsage nothing(String... corrections) {
        return new ReportedUsage(new CallUsage("", "", TokenCounts.ZERO), Cost.UNKNOWN, null, List.of(corrections));
    }

    private static ReportedUsage of(
            String provider,
            String model,
            TokenUsage tokens,
            Double costUsd,
            String serviceTier,
            String kind,
            String requestedModel,
            String responseId) {
        List<String> corrections = new ArrayList<>();
        if (model == null) {
            corrections.add("model is null, recorded as \"\"");
        }
        String ofKind = kind == null || kind.isBlank()
                ? CallUsage.CHAT
                : ColumnText.fit(kind.strip().toLowerCase(Locale.ROOT), CallRecord.KIND_LENGTH);
        return new ReportedUsage(
                new CallUsage(
                        provider == null ? "" : ColumnText.fit(provider, CallRecord.PROVIDER_LENGTH),
                        model == null ? "" : ColumnText.fit(model, CallRecord.MODEL_LENGTH),
                        counts(tokens, ofKind, corrections),
                        ColumnText.fit(ServiceTier.of(serviceTier), CallRecord.SERVICE_TIER_LENGTH),
                        ofKind,
                        requestedModel == null || requestedModel.isBlank()
                                ? null
                                : ColumnText.fit(requestedModel, CallRecord.MODEL_LENGTH)),
                Cost.given(costUsd),
                responseId == null || responseId.isBlank()
                        ? null
                        : ColumnText.fitId(responseId, CallLinks.RESPONSE_LENGTH),
                corrections);
    }

    private static TokenCounts counts(TokenUsage tokens, String kind, List<String> corrections) {
        if (tokens == null) {
            corrections.add("tokens is null, recorded as 0");
            return TokenCounts.ZERO;
        }
        int before = corrections.size();
        TokenUsage right = tokens.forKind(kind).putRight(corrections::add);
        if (corrections.size() == before && right.doubts().contains(UsageDoubt.CONTRADICTORY)) {
            // The reader of usage objects has corrected the counts already.
            corrections.add(
                    "the counts are impossible or not understood, so no price list gives them a price (UsagePayload.notes() says why)");
        }
        return new TokenCounts(
                right.input(),
                right.output(),
                right.cachedInput(),
                right.cacheWrite(),
                right.reasoning(),
                meters(right.meters()),
                right.doubts().isEmpty()
                        ? Set.of()
                        : right.doubts().stream().map(UsageDoubt::label).collect(Collectors.toSet()));
    }

    /** A count of 0 is kept only if it says something: a joint count of 0 says that its wholes do not overlap. */
    private static Map<String, Long> meters(Map<String, Long> told) {
        if (told.isEmpty()) {
            return told;
        }
        Map<String, Long> kept = new HashMap<>(told);
        kept.entrySet()
                .removeIf(each -> each.getValue() == 0
                        && !Meter.ofLabel(each.getKey()).map(Meter::isJoint).orElse(false));
        return kept;
    }
}
