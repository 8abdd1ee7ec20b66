package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import java.math.BigDecimal;
import java.util.Map;

/**
 * All prices of a model that hold at one time.
 *
 * @param standard the prices in the standard tier, and those of all units
 * @param tiers the prices in the other tiers, by the tier's name
 * @param searches the price of one web search by the size of its context, if the list distinguishes sizes; the price of
 *     the medium size, if there is one, is also among the standard prices
 */
record PriceSheet(
        Map<Meter, MeterPrice> standard, Map<String, Map<Meter, MeterPrice>> tiers, Map<String, BigDecimal> searches) {

    /** Stands for a prompt length that has no price. */
    static final PriceSheet NONE = new PriceSheet(Map.of(), Map.of(), Map.of());

    static PriceSheet of(Map<Meter, MeterPrice> standard) {
        return new PriceSheet(standard, Map.of(), Map.of());
    }

    /**
     * These prices as those of a tier.
     *
     * @param usual the prices in the standard tier; null if there are none
     */
    PriceSheet asTier(String tier, PriceSheet usual) {
        return usual == null
                ? new PriceSheet(Map.of(), Map.of(tier, standard), Map.of())
                : new PriceSheet(usual.standard, Map.of(tier, standard), usual.searches);
    }

    boolean isEmpty() {
        return standard.isEmpty() && tiers.isEmpty();
    }

    /** The price of a meter in a tier, for a prompt's length; null if the list has none. */
    Rate rate(Meter meter, String tier, long length) {
        MeterPrice usual = standard.get(meter);
        Map.Entry<Long, BigDecimal> usualBeyond = usual == null ? null : usual.beyond(length);
        if (!isTier(tier) || meter.isUnit()) {
            return usual == null ? null : rate(usual, usualBeyond, false);
        }
        MeterPrice tiered = tiers.getOrDefault(tier, Map.of()).get(meter);
        Map.Entry<Long, BigDecimal> tieredBeyond = tiered == null ? null : tiered.beyond(length);
        if (tieredBeyond != null && (usualBeyond == null || tieredBeyond.getKey() >= usualBeyond.getKey())) {
            return new Rate(tieredBeyond.getValue(), tiered.per(), true, false);
        }
        if (usualBeyond == null && tiered != null && tiered.base() != null) {
            return new Rate(tiered.base(), tiered.per(), true, false);
        }
        return usual == null ? null : rate(usual, usualBeyond, true);
    }

    private static Rate rate(MeterPrice price, Map.Entry<Long, BigDecimal> beyond, boolean untiered) {
        if (beyond != null) {
            return new Rate(beyond.getValue(), price.per(), true, untiered);
        }
        return price.base() == null ? null : new Rate(price.base(), price.per(), false, untiered);
    }

    /** A meter's standard price for short prompts, or else the price of its whole; null if there is none. */
    BigDecimal base(Meter meter) {
        MeterPrice price = standard.get(meter);
        if (price != null && price.base() != null) {
            return price.base();
        }
        return meter.wholes().isEmpty() ? null : base(meter.wholes().get(0));
    }

    static boolean isTier(String tier) {
        return !tier.isEmpty() && !tier.equals("standard");
    }

    /**
     * A price that was found in the sheet.
     *
     * @param usd US dollars for {@code per}
     * @param per how many the price is for: a million, a thousand or one
     * @param special whether the list has it for exactly this tier or length
     * @param untiered whether it is the standard price because the tier has no price
     */
    record Rate(BigDecimal usd, int per, boolean special, boolean untiered) {}
}
