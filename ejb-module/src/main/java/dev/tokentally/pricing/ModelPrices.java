package dev.tokentally.pricing;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A model's prices in a list.
 *
 * @param provider the provider, as the list names it; empty if the list names none
 * @param model the model, as the list names it
 * @param kind the kind of calls for which the model is; empty if the list does not say it
 * @param fault why the list has no usable price for it; null if it has one
 * @param periods its prices; if several hold at an instant and allow a length, the last one counts
 * @param tiers the prices in tiers that change at other times than the standard ones, by the tier's name
 */
record ModelPrices(
        String provider,
        String model,
        String kind,
        String fault,
        List<PricePeriod> periods,
        Map<String, List<PricePeriod>> tiers) {

    ModelPrices(String provider, String model, String kind, String fault, List<PricePeriod> periods) {
        this(provider, model, kind, fault, periods, Map.of());
    }

    static ModelPrices unusable(String provider, String model, String fault) {
        return new ModelPrices(provider, model, "", fault, List.of());
    }

    /**
     * The prices at an instant, for a prompt's length.
     *
     * @return prices without any for the length if some hold at the instant, but none of them allows the length; null if
     *     none hold
     */
    PricePeriod at(Instant instant, long length) {
        return last(periods, instant, length);
    }

    /** The same for the prices of a tier that change at times of their own. */
    PricePeriod ofTier(String tier, Instant instant, long length) {
        return last(tiers.getOrDefault(tier, List.of()), instant, length);
    }

    private static PricePeriod last(List<PricePeriod> periods, Instant instant, long length) {
        PricePeriod tooShort = null;
        for (int i = periods.size() - 1; i >= 0; i--) {
            PricePeriod period = periods.get(i);
            if (!period.holdsAt(instant)) {
                continue;
            }
            if (period.notUnderstood() != null || period.sheet(length) != null) {
                return period;
            }
            tooShort = tooShort == null ? period : tooShort;
        }
        return tooShort;
    }
}
