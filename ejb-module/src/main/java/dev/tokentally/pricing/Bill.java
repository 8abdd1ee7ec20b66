package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.pricing.PriceSheet.Rate;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes the items of a bill from a usage and the prices that apply to it. A token may belong to several parts. It is
 * charged once: at the price of the smallest part that has a price of its own. A Bill is used once.
 */
final class Bill {

    /** Each part comes before the meters of which it is a part. */
    private static final List<Meter> PARTS_FIRST = List.of(
            Meter.CACHE_WRITE_1H_TOKENS,
            Meter.CACHE_AUDIO_READ_TOKENS,
            Meter.CACHE_IMAGE_READ_TOKENS,
            Meter.CACHE_READ_TOKENS,
            Meter.CACHE_WRITE_TOKENS,
            Meter.INPUT_AUDIO_TOKENS,
            Meter.INPUT_IMAGE_TOKENS,
            Meter.INPUT_VIDEO_TOKENS,
            Meter.TOOL_PROMPT_TOKENS,
            Meter.OUTPUT_REASONING_TOKENS,
            Meter.OUTPUT_AUDIO_TOKENS,
            Meter.OUTPUT_IMAGE_TOKENS,
            Meter.OUTPUT_VIDEO_TOKENS,
            Meter.OUTPUT_CITATION_TOKENS,
            Meter.INPUT_TOKENS,
            Meter.OUTPUT_TOKENS);

    /**
     * Meters for which vendors usually charge more. If a list has no price for one of them, it is charged as its whole, and the
     * real bill may be higher.
     */
    private static final Set<Meter> RARELY_THE_SAME = EnumSet.of(
            Meter.INPUT_AUDIO_TOKENS,
            Meter.INPUT_IMAGE_TOKENS,
            Meter.INPUT_VIDEO_TOKENS,
            Meter.CACHE_AUDIO_READ_TOKENS,
            Meter.CACHE_IMAGE_READ_TOKENS,
            Meter.CACHE_WRITE_1H_TOKENS,
            Meter.OUTPUT_AUDIO_TOKENS,
            Meter.OUTPUT_IMAGE_TOKENS,
            Meter.OUTPUT_VIDEO_TOKENS);

    private static final List<String> SEARCH_SIZES = List.of("low", "medium", "high");

    private static final List<Meter> CACHED = List.of(Meter.CACHE_READ_TOKENS, Meter.CACHE_WRITE_TOKENS);

    private static final Map<Meter, Meter> JOINT = Map.of(
            Meter.INPUT_AUDIO_TOKENS, Meter.CACHE_AUDIO_READ_TOKENS,
            Meter.INPUT_IMAGE_TOKENS, Meter.CACHE_IMAGE_READ_TOKENS);

    private final PriceSheet sheet;
    private final PricedUsage usage;
    private final boolean ofStranger;
    private final Map<Meter, Long> rest;
    private final Set<Meter> priced = EnumSet.noneOf(Meter.class);
    private final List<Quote.Item> items = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private String fault;

    private Bill(PriceSheet sheet, PricedUsage usage, boolean ofStranger) {
        this.sheet = sheet;
        this.usage = usage;
        this.ofStranger = ofStranger;
        this.rest = new EnumMap<>(Meter.class);
        rest.putAll(usage.quantities());
    }

    /**
     * Computes the bill.
     *
     * @param ofStranger whether the prices are those of a provider that the call did not name
     */
    static Bill of(PriceSheet sheet, PricedUsage usage, boolean ofStranger) {
        Bill bill = new Bill(sheet, usage, ofStranger);
        for (Meter meter : PARTS_FIRST) {
            if (bill.fault == null && usage.quantity(meter) > 0) {
                bill.charge(meter);
            }
        }
        if (bill.fault == null) {
            bill.askWhatOverlaps();
            bill.chargeUnits();
        }
        return bill;
    }

    /** Why there is no bill; null if there is one. */
    String fault() {
        return fault;
    }

    List<Quote.Item> items() {
        return items;
    }

    /** Why the real bill may differ; empty if it cannot. */
    List<String> notes() {
        return notes;
    }

    BigDecimal sum() {
        BigDecimal sum = BigDecimal.ZERO;
        for (Quote.Item item : items) {
            sum = sum.add(item.costUsd());
        }
        return sum;
    }

    private void charge(Meter meter) {
        Rate rate = rateOf(meter);
        boolean isPart = !meter.wholes().isEmpty();
        if (isPart && rate == null) {
            if (ofStranger && !isReasoningOfNobody(meter)) {
                fault = "it has no price for " + meter.label();
            } else if (RARELY_THE_SAME.contains(meter)) {
                Meter whole = chargedAs(meter);
                notes.add(meter.label() + " have no price of their own and are charged as " + whole.label()
                        + ": the bill may " + (meter.name().startsWith("CACHE_IMAGE") ? "differ" : "be higher"));
            }
        }
        if (isPart && !isOwn(meter, rate)) {
            leave(meter);
            return;
        }
        long quantity = rest.get(meter);
        if (quantity < 0) {
            fault = "the parts of " + meter.label() + " that have prices of their own are together more than all";
        } else if (quantity > 0 && rate == null) {
            fault = "it has no price for " + meter.label();
        } else if (quantity > 0) {
            wholes(meter, EnumSet.noneOf(Meter.class))
                    .forEach(whole -> rest.computeIfPresent(whole, (each, left) -> less(left, quantity)));
            priced.add(meter);
            add(meter, quantity, rate);
        }
    }

    /** Subtracts, but stops at the smallest number. An overflow would turn huge parts into a small positive rest. */
    private static long less(long left, long quantity) {
        return left < Long.MIN_VALUE + quantity ? Long.MIN_VALUE : left - quantity;
    }

    /**
     * Whether it is the reasoning of a call without a provider. Vendors bill reasoning as output, and only a named provider could
     * do otherwise.
     */
    private boolean isReasoningOfNobody(Meter meter) {
        return meter == Meter.OUTPUT_REASONING_TOKENS && usage.provider().isEmpty();
    }

    private void add(Meter meter, long quantity, Rate rate) {
        if (ofStranger && rate.usd().signum() == 0) {
            fault = "a price of 0 is not taken from another provider";
            return;
        }
        if (rate.untiered()) {
            notes.add(meter.label() + " have no price in the tier " + PriceText.shown(usage.serviceTier())
                    + " and are charged at the standard price: the bill may " + direction(usage.serviceTier()));
        }
        items.add(Quote.Item.of(meter, quantity, rate.usd(), rate.per()));
    }

    private static String direction(String tier) {
        return switch (tier) {
            case "flex", "batch" -> "be lower";
            case "priority" -> "be higher";
            default -> "differ";
        };
    }

    /**
     * Whether the meter has a price of its own. A price that equals the whole's price for this tier and length is not
     * one, unless the tier has a price for only one of the two. Nor is one that equals the whole's price in the standard
     * tier for short prompts, if the list has no other price of the meter for this tier or length.
     */
    private boolean isOwn(Meter meter, Rate rate) {
        if (rate == null) {
            return false;
        }
        if (!rate.special()) {
            BigDecimal ofWhole = sheet.base(meter.wholes().get(0));
            if (ofWhole != null && sheet.base(meter).compareTo(ofWhole) == 0) {
                return false;
            }
        }
        Meter chargedAs = chargedAs(meter);
        Rate whole = rateOf(chargedAs);
        if (rate.untiered() && isSame(rate, sheet.rate(chargedAs, "", usage.length()))) {
            return false;
        }
        return whole == null || whole.untiered() != rate.untiered() || !isSame(rate, whole);
    }

    private static boolean isSame(Rate rate, Rate other) {
        return other != null && rate.usd().compareTo(other.usd()) == 0;
    }

    private Rate rateOf(Meter meter) {
        return sheet.rate(meter, usage.serviceTier(), usage.length());
    }

    /**
     * Leaves a part without a price of its own to its whole. A joint count is a part of two wholes, and only one of
     * them may charge it.
     */
    private void leave(Meter meter) {
        if (meter.wholes().size() > 1 && hasOwn(meter.wholes().get(0))) {
            rest.computeIfPresent(meter.wholes().get(1), (each, left) -> less(left, usage.quantity(meter)));
        }
    }

    /** The whole as which a part is charged that has no price of its own. */
    private Meter chargedAs(Meter meter) {
        for (Meter whole : meter.wholes()) {
            if (whole.wholes().isEmpty() || hasOwn(whole)) {
                return whole;
            }
        }
        return chargedAs(meter.wholes().get(0));
    }

    private boolean hasOwn(Meter meter) {
        return isOwn(meter, rateOf(meter));
    }

    private static Set<Meter> wholes(Meter meter, Set<Meter> found) {
        for (Meter whole : meter.wholes()) {
            found.add(whole);
            wholes(whole, found);
        }
        return found;
    }

    /**
     * Adds a note where charged parts of the input may overlap: cached tokens may be audio too, and a tool's prompt may
     * be cached. Parts of the output never overlap.
     */
    private void askWhatOverlaps() {
        List<Meter> others = List.of(
                Meter.INPUT_AUDIO_TOKENS, Meter.INPUT_IMAGE_TOKENS, Meter.INPUT_VIDEO_TOKENS, Meter.TOOL_PROMPT_TOKENS);
        for (Meter other : others) {
            for (Meter cached : CACHED) {
                boolean told = cached == Meter.CACHE_READ_TOKENS
                        && JOINT.containsKey(other)
                        && usage.quantities().containsKey(JOINT.get(other));
                if (priced.contains(other) && isCharged(cached) && !told) {
                    notes.add(cached.label() + " and " + other.label()
                            + " may overlap and are charged separately: the bill may differ");
                }
            }
        }
        boolean tool = priced.contains(Meter.TOOL_PROMPT_TOKENS);
        if (tool && others.stream().anyMatch(other -> other != Meter.TOOL_PROMPT_TOKENS && priced.contains(other))) {
            notes.add("tool_prompt_tokens may partly be audio, images or video: the bill may differ");
        }
    }

    private boolean isCharged(Meter cached) {
        return priced.contains(cached)
                || cached == Meter.CACHE_WRITE_TOKENS && priced.contains(Meter.CACHE_WRITE_1H_TOKENS);
    }

    private void chargeUnits() {
        chargeUnit(Meter.WEB_SEARCHES, usage.quantity(Meter.WEB_SEARCHES), search());
        chargeUnit(Meter.SEARCH_UNITS, usage.quantity(Meter.SEARCH_UNITS), rate(Meter.SEARCH_UNITS));
        Rate request = rate(Meter.REQUESTS);
        long requests = usage.quantity(Meter.REQUESTS);
        chargeUnit(Meter.REQUESTS, request == null ? requests : Math.max(1, requests), request);
    }

    private Rate rate(Meter unit) {
        return sheet.rate(unit, "", usage.length());
    }

    private Rate search() {
        Rate medium = rate(Meter.WEB_SEARCHES);
        BigDecimal told = sheet.searches().get(usage.searchContext());
        if (told != null) {
            return new Rate(told, 1, false, false);
        }
        if (medium == null
                || usage.quantity(Meter.WEB_SEARCHES) == 0
                || sheet.searches().isEmpty()) {
            return medium;
        }
        boolean isSame = SEARCH_SIZES.stream()
                .map(sheet.searches()::get)
                .allMatch(price -> price != null && price.compareTo(medium.usd()) == 0);
        if (!usage.searchContext().isEmpty() || !isSame) {
            String why = usage.searchContext().isEmpty()
                    ? "the search context size is not known"
                    : "there is no price for the search context size " + PriceText.shown(usage.searchContext());
            notes.add(why + ", and web_searches are charged at the price of the medium size: the bill may differ");
        }
        return medium;
    }

    private void chargeUnit(Meter unit, long quantity, Rate rate) {
        if (quantity == 0 || fault != null) {
            return;
        }
        if (rate != null) {
            add(unit, quantity, rate);
        } else if (ofStranger) {
            fault = "it has no price for " + unit.label();
        } else {
            notes.add(unit.label() + " have no price: the bill may be higher");
        }
    }

    /** Notes on what the counts themselves leave open. */
    static List<String> doubts(PricedUsage usage) {
        List<String> notes = new ArrayList<>();
        if (usage.doubts().contains(UsageDoubt.OUTPUT_UNKNOWN) && usage.hasOutput()) {
            notes.add("the output count is not known: the bill may be higher");
        }
        if (usage.doubts().contains(UsageDoubt.INCOMPLETE)) {
            notes.add("something that changes the bill is not among the counts: the bill may differ");
        }
        return notes;
    }
}
