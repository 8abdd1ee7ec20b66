package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.ProviderName;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.usage.CostSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the prices of a usage. First it searches by provider and model: in the file, then in the shipped list, in each
 * by the model's full name, then by its name without the date. After that it searches by the model alone, in the same
 * order. A list that has the model but cannot price it ends the search, since the next steps could only find prices of
 * something else. Safe for use by many threads.
 */
final class PriceSearch {

    private static final String SEVERAL = "it has the model more than once, with different prices";

    private final PriceBook file;
    private final PriceBook shipped;

    PriceSearch(PriceBook file, PriceBook shipped) {
        this.file = file;
        this.shipped = shipped;
    }

    Quote quote(PricedUsage usage) {
        String fault = fault(usage);
        if (fault != null) {
            return Quote.none(List.of(fault));
        }
        List<String> notes = new ArrayList<>();
        String model = ModelName.of(usage.model());
        if (model.isEmpty()) {
            return Quote.none(List.of("the model is not known"));
        }
        String undated = ModelName.undated(model);
        List<String> names = undated.equals(model) ? List.of(model) : List.of(model, undated);
        for (PriceBook book : List.of(file, shipped)) {
            for (String name : names) {
                Found found = ofProvider(book, usage.provider(), name);
                if (found != null) {
                    return quote(found, usage, notes);
                }
            }
            if (book.size() > 0) {
                notes.add(shown(usage) + " is not in " + book.name());
            }
        }
        for (PriceBook book : List.of(file, shipped)) {
            for (String name : names) {
                List<ModelPrices> sellers = book.sellers(name);
                if (!sellers.isEmpty()) {
                    return ofAny(new Found(book, sellers), usage, notes);
                }
            }
        }
        notes.add("no list knows the model; a line for provider " + PriceText.shown(ProviderName.of(usage.provider()))
                + " and model " + PriceText.shown(model)
                + " in the file that tokentally.prices.file names would price it");
        return Quote.none(notes);
    }

    /** Why the counts themselves allow no price; null if they allow one. */
    private static String fault(PricedUsage usage) {
        if (usage.doubts().contains(UsageDoubt.CONTRADICTORY)) {
            return "the counts are impossible and were corrected: corrected counts are not priced";
        }
        for (Meter meter : usage.quantities().keySet()) {
            for (Meter whole : meter.wholes()) {
                if (usage.quantity(meter) > usage.quantity(whole)) {
                    return "the counts are impossible: " + meter.label() + " are more than " + whole.label();
                }
            }
        }
        long cached = usage.quantity(Meter.CACHE_READ_TOKENS);
        if (cached > usage.length() - usage.quantity(Meter.CACHE_WRITE_TOKENS)) {
            return "the counts are impossible: cache_read_tokens and cache_write_tokens together are more than input_tokens";
        }
        boolean tokens = usage.length() > 0 || usage.quantity(Meter.OUTPUT_TOKENS) > 0;
        if (usage.doubts().contains(UsageDoubt.INPUT_UNKNOWN) && (tokens || !hasUnits(usage))) {
            return "the input count is not known: the output alone is not priced";
        }
        if (usage.doubts().contains(UsageDoubt.TOTAL_ALONE) && usage.hasOutput()) {
            return "only a total is known, and not the input and the output";
        }
        // No answered call uses 0 tokens. So the counts are not known, and a cost of 0 would be wrong.
        return tokens || hasUnits(usage) ? null : "no tokens are known";
    }

    private static boolean hasUnits(PricedUsage usage) {
        return usage.quantities().keySet().stream().anyMatch(Meter::isUnit);
    }

    /** The entries of a model; null if the list does not have it. */
    private Found ofProvider(PriceBook book, String provider, String name) {
        List<ModelPrices> entries = book.find(provider, name);
        if (entries.isEmpty()) {
            return null;
        }
        if (book != file) {
            // The name may be an alias in the shipped list. If the file has the model under its own name, all its
            // prices come from the file.
            List<ModelPrices> own =
                    file.find(provider, ModelName.of(entries.get(0).model()));
            if (!own.isEmpty()) {
                return new Found(file, own);
            }
        }
        return new Found(book, entries);
    }

    private static Quote quote(Found found, PricedUsage usage, List<String> notes) {
        Priced agreed = null;
        for (ModelPrices entry : found.entries()) {
            Priced priced = Priced.of(found.book(), entry, usage, false);
            if (agreed != null && !agreed.asksTheSame(priced)) {
                return unusable(found, usage, SEVERAL, 0, notes);
            }
            agreed = agreed == null ? priced : agreed;
        }
        return agreed.fault() != null
                ? unusable(found, usage, agreed.fault(), agreed.pricedUpTo(), notes)
                : quote(agreed, usage, notes, List.of());
    }

    private static Quote unusable(Found found, PricedUsage usage, String why, long pricedUpTo, List<String> notes) {
        List<String> all = new ArrayList<>(notes);
        all.add(found.book().name() + " knows " + shown(usage) + ", but cannot price it: " + why
                + "; the search ends here, since other prices would be those of something else");
        return Quote.none(pricedUpTo, all);
    }

    private static Quote ofAny(Found found, PricedUsage usage, List<String> notes) {
        Priced agreed = null;
        String later = null;
        for (ModelPrices entry : found.entries()) {
            Priced priced = Priced.of(found.book(), entry, usage, true);
            if (priced.isLater()) {
                later = priced.fault();
                continue;
            }
            if (agreed != null && !agreed.asksTheSame(priced)) {
                return unusable(found, usage, "its providers have different prices for the model", 0, notes);
            }
            agreed = agreed == null ? priced : agreed;
        }
        if (agreed == null) {
            return unusable(found, usage, later, 0, notes);
        }
        if (agreed.fault() != null) {
            return unusable(found, usage, agreed.fault(), agreed.pricedUpTo(), notes);
        }
        boolean named = !usage.provider().isBlank();
        return quote(
                agreed,
                usage,
                notes,
                named
                        ? List.of("the price is that of provider "
                                + PriceText.shown(agreed.price().provider()) + ": the bill may differ")
                        : List.of());
    }

    private static Quote quote(Priced priced, PricedUsage usage, List<String> notes, List<String> doubts) {
        List<String> open = new ArrayList<>(doubts);
        open.addAll(Bill.doubts(usage));
        open.addAll(priced.bill().notes());
        List<String> all = new ArrayList<>(notes);
        all.addAll(open);
        return new Quote(
                priced.bill().sum(),
                open.isEmpty() ? CostSource.PRICE_LIST : CostSource.PARTIAL,
                priced.bill().items(),
                priced.price(),
                0,
                all);
    }

    private static String shown(PricedUsage usage) {
        return "provider " + PriceText.shown(usage.provider()) + " with model " + PriceText.shown(usage.model());
    }

    private record Found(PriceBook book, List<ModelPrices> entries) {}

    /** The result of pricing a usage with one entry: a bill, or the reason why there is none. */
    private record Priced(Bill bill, Quote.Origin price, String fault, boolean isLater, long pricedUpTo) {

        static Priced of(PriceBook book, ModelPrices entry, PricedUsage usage, boolean ofStranger) {
            if (entry.fault() != null) {
                return none(entry.fault());
            }
            if (!isFor(entry.kind(), usage.kind())) {
                return none("it is for calls of the kind " + entry.kind());
            }
            PricePeriod period = entry.at(usage.at(), usage.length());
            PricePeriod ofTier = entry.ofTier(usage.serviceTier(), usage.at(), usage.length());
            if (period == null && ofTier == null) {
                return new Priced(null, null, "no price holds at the time of the call", true, 0);
            }
            if (period != null && period.notUnderstood() != null) {
                return none(period.notUnderstood());
            }
            PriceSheet standard = period == null ? null : period.sheet(usage.length());
            PriceSheet tiered = ofTier == null ? null : ofTier.sheet(usage.length());
            if (standard == null && tiered == null) {
                return tooLong(usage.length(), longestBelow(period, usage), longestBelow(ofTier, usage));
            }
            PriceSheet sheet = tiered == null ? standard : tiered.asTier(usage.serviceTier(), standard);
            Bill bill = Bill.of(sheet, usage, ofStranger);
            Instant since = (tiered == null ? period : ofTier).from();
            Instant from = since.equals(Instant.MIN) ? null : since;
            return new Priced(
                    bill, new Quote.Origin(book.name(), entry.provider(), entry.model(), from), bill.fault(), false, 0);
        }

        private static Priced none(String fault) {
            return new Priced(null, null, fault, false, 0);
        }

        private static Priced tooLong(long length, long ofStandard, long ofTier) {
            return new Priced(
                    null,
                    null,
                    "it has no price for a prompt of " + length + " tokens",
                    false,
                    Math.max(ofStandard, ofTier));
        }

        private static long longestBelow(PricePeriod period, PricedUsage usage) {
            return period == null ? 0 : period.longestBelow(usage.length());
        }

        /**
         * Whether an entry for one kind of call may price another kind. Kinds without output have entries of their own.
         * All other kinds share entries, since the meters show what was used.
         */
        private static boolean isFor(String kind, String asked) {
            return kind.isEmpty() || group(kind).equals(group(asked));
        }

        private static String group(String kind) {
            return switch (kind) {
                case "chat", "image", "audio" -> "chat";
                default -> kind;
            };
        }

        boolean asksTheSame(Priced other) {
            if (fault != null || other.fault != null) {
                return false;
            }
            List<Quote.Item> items = bill.items();
            List<Quote.Item> others = other.bill.items();
            if (items.size() != others.size()) {
                return false;
            }
            for (int i = 0; i < items.size(); i++) {
                if (!items.get(i).asksTheSame(others.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }
}
