package dev.tokentally.web.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.ServiceTier;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.llm.UsagePayload;
import dev.tokentally.pricing.PricedUsage;
import dev.tokentally.text.OneLine;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.TokenCounts;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The usage whose price is asked for.
 *
 * @param usage what was used
 * @param told the meters that the request names, in their order, and with 0 those that a bill always has
 * @param notes what the reader of the provider's object says
 */
record QuoteRequest(PricedUsage usage, Map<Meter, Long> told, List<String> notes) {

    private static final String PROVIDER = "provider";
    private static final String MODEL = "model";
    private static final String KIND = "kind";
    private static final String AT = "at";
    private static final String SERVICE_TIER = "service_tier";
    private static final String USAGE_DOUBTS = "usage_doubts";

    /** No call can be recorded outside these years, and far outside them Java cannot compute the hour of a day. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private static final List<String> KNOWN =
            List.of(PROVIDER, MODEL, KIND, AT, SERVICE_TIER, QuoteFields.USAGE, QuoteFields.TOKENS, USAGE_DOUBTS);

    static QuoteRequest parse(byte[] body, Instant now) {
        QuoteFields fields = QuoteFields.parse(body, KNOWN);
        String provider = limited(fields, PROVIDER, CallRecord.PROVIDER_LENGTH);
        String model = limited(fields, MODEL, CallRecord.MODEL_LENGTH);
        if (model.isBlank()) {
            throw QuoteFields.invalid(MODEL + (fields.has(MODEL) ? " must not be blank" : " is missing"));
        }
        String kind = kind(fields);
        String tier = ServiceTier.of(limited(fields, SERVICE_TIER, CallRecord.SERVICE_TIER_LENGTH));
        Instant at = at(fields, now);
        if (fields.usage() != null == (fields.tokens() != null)) {
            throw QuoteFields.invalid(
                    fields.usage() == null
                            ? "usage or tokens is missing; one of them must be there"
                            : "usage and tokens are both there; only one of them may be");
        }
        if (fields.usage() != null && fields.has(USAGE_DOUBTS)) {
            throw QuoteFields.invalid(USAGE_DOUBTS + " are those of tokens; usage has its own");
        }
        return fields.tokens() != null
                ? ofTokens(provider, model, kind, at, tier, fields.tokens(), doubts(fields))
                : ofPayload(provider, model, kind, at, tier, fields.usage());
    }

    private static QuoteRequest ofTokens(
            String provider,
            String model,
            String kind,
            Instant at,
            String tier,
            Map<String, Long> tokens,
            Set<UsageDoubt> doubts) {
        Map<Meter, Long> quantities = new EnumMap<>(Meter.class);
        tokens.forEach((name, quantity) -> quantities.put(
                Meter.ofLabel(name)
                        .orElseThrow(() -> QuoteFields.invalid("tokens." + OneLine.of(name) + " is no meter; known are "
                                + String.join(
                                        ", ",
                                        List.of(Meter.values()).stream()
                                                .map(Meter::label)
                                                .toList()))),
                quantity));
        if (!quantities.containsKey(Meter.INPUT_TOKENS)) {
            doubts.add(UsageDoubt.INPUT_UNKNOWN);
        }
        if (!quantities.containsKey(Meter.OUTPUT_TOKENS)) {
            doubts.add(UsageDoubt.OUTPUT_UNKNOWN);
        }
        return of(new PricedUsage(provider, model, kind, at, tier, quantities, doubts, ""), doubts, List.of());
    }

    /** Reads the doubts as a row has them, so that the quote equals a repricing of the row. An unknown doubt may mean anything. */
    private static Set<UsageDoubt> doubts(QuoteFields fields) {
        Set<UsageDoubt> doubts = EnumSet.noneOf(UsageDoubt.class);
        String told = limited(fields, USAGE_DOUBTS, TokenCounts.DOUBTS_LENGTH).strip();
        if (!told.isEmpty()) {
            for (String name : told.split("\\s+")) {
                doubts.add(UsageDoubt.ofLabel(name).orElse(UsageDoubt.CONTRADICTORY));
            }
        }
        return doubts;
    }

    private static QuoteRequest ofPayload(
            String provider, String model, String kind, Instant at, String tier, String json) {
        UsagePayload payload = payload(provider, json);
        TokenUsage read = payload.tokens().forKind(kind);
        Map<Meter, Long> quantities = new EnumMap<>(Meter.class);
        Set<UsageDoubt> doubts = EnumSet.noneOf(UsageDoubt.class);
        doubts.addAll(read.doubts());
        for (Meter meter : Meter.values()) {
            long quantity = read.quantity(meter);
            if (quantity < 0) {
                doubts.add(UsageDoubt.CONTRADICTORY);
            }
            if (quantity > 0 || read.meters().containsKey(meter.label())) {
                quantities.put(meter, Math.max(0, quantity));
            }
        }
        PricedUsage usage = new PricedUsage(
                provider,
                model,
                kind,
                at,
                tier.isEmpty() ? payload.serviceTier() : tier,
                quantities,
                doubts,
                payload.searchContextSize());
        Set<UsageDoubt> unknown = EnumSet.noneOf(UsageDoubt.class);
        unknown.addAll(payload.tokens().doubts());
        unknown.addAll(doubts);
        if (!UsagePayload.namesOutput(json)) {
            // Embeddings have no output, and their usage objects do not mention it.
            unknown.add(UsageDoubt.OUTPUT_UNKNOWN);
        }
        return of(usage, unknown, payload.notes());
    }

    private static UsagePayload payload(String provider, String json) {
        UsagePayload payload = UsagePayload.read(provider, json);
        payload.problem().ifPresent(problem -> {
            throw QuoteFields.invalid("usage cannot be read: " + problem);
        });
        return payload;
    }

    /** An unknown count is left out, and does not appear as 0. */
    private static QuoteRequest of(PricedUsage usage, Set<UsageDoubt> doubts, List<String> notes) {
        Map<Meter, Long> told = new EnumMap<>(Meter.class);
        // A reranker counts only searches and no tokens.
        boolean searches = usage.quantities().keySet().equals(Set.of(Meter.SEARCH_UNITS));
        if (!searches && !doubts.contains(UsageDoubt.INPUT_UNKNOWN)) {
            told.put(Meter.INPUT_TOKENS, 0L);
        }
        if (!searches && !doubts.contains(UsageDoubt.OUTPUT_UNKNOWN)) {
            told.put(Meter.OUTPUT_TOKENS, 0L);
        }
        usage.quantities().forEach((meter, quantity) -> {
            if (quantity > 0) {
                told.put(meter, quantity);
            }
        });
        return new QuoteRequest(usage, told, new ArrayList<>(notes));
    }

    /** Any kind may be recorded, in lower case and without blanks around it. */
    private static String kind(QuoteFields fields) {
        if (!fields.has(KIND)) {
            return CallUsage.CHAT;
        }
        String kind = limited(fields, KIND, CallRecord.KIND_LENGTH).strip().toLowerCase(Locale.ROOT);
        if (kind.isEmpty()) {
            throw QuoteFields.invalid(KIND + " must not be blank");
        }
        return kind;
    }

    private static String limited(QuoteFields fields, String field, int longest) {
        String text = fields.text(field);
        if (text.length() > longest) {
            throw QuoteFields.invalid(field + " is longer than " + longest + " characters");
        }
        return text;
    }

    private static Instant at(QuoteFields fields, Instant now) {
        if (!fields.has(AT)) {
            return now;
        }
        try {
            Instant at = OffsetDateTime.parse(fields.text(AT)).toInstant();
            if (at.isBefore(FIRST) || at.isAfter(LAST)) {
                throw QuoteFields.invalid(AT + " must be in the years 1 to 9999");
            }
            return at;
        } catch (DateTimeException e) {
            throw QuoteFields.invalid(AT + " must be a timestamp with an offset, such as 2026-01-31T00:00:00Z");
        }
    }
}
