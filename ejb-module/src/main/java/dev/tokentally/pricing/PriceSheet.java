package dev.tokentally.pricing;

import dev.tokentally.llm.Meter;
import java.math.BigDecimal;
import java.util.Map;

/**
 * The prices of a model that hold at one time: all of them, as a list names them.
 *
 * @param standard of the standard tier, and of all units
 * @param tiers of the other tiers, by their names
 * @param searches of one web search by the size of its context, where the sizes are told apart; the medium one is then also
 *     among the standard prices, if there is one
 */
record PriceSheet(
        Map<Meter, MeterPrice> standard, Map<String, Map<Meter, MeterPrice>> tiers, Map<String, BigDecimal> searches) {

    /** Of a length that has no price. */
    static final PriceSheet NONE = new PriceSheet(Map.of(), Map.of(), Map.of());

    static PriceSheet of(Map<Meter, MeterPrice> standard) {
        return new PriceSheet(standard, Map.of(), Map.of());
    }

    boolean isEmpty() {
        return standard.isEmpty() && tiers.isEmpty();
    }

    /** What a meter costs in a tier after a prompt of a length; null where the list has no price for it. */
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

    /** The standard price of a part after a short prompt, else that of what it is a part of; null where there is none. */
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
     * A price that was found.
     *
     * @param usd US dollars for {@code per}
     * @param per a million, a thousand or one
     * @param special whether the list names it for this very tier or length
     * @param untiered whether it is the standard price, as the tier has none
     */
    record Rate(BigDecimal usd, int per, boolean special, boolean untiered) {}
}
