package dev.tokentally.pricing;

import java.time.Instant;
import java.util.List;

/**
 * A model's prices in a list.
 *
 * @param provider the provider, as the list names it; empty if the list names none
 * @param model the model, as the list names it
 * @param kind the kind of calls for which the model is; empty if the list does not say it
 * @param fault why the list has no usable price for it; null if it has one
 * @param periods its prices; if several hold at an instant, the last one counts
 */
record ModelPrices(String provider, String model, String kind, String fault, List<PricePeriod> periods) {

    static ModelPrices unusable(String provider, String model, String fault) {
        return new ModelPrices(provider, model, "", fault, List.of());
    }

    /** The prices at an instant; null if none hold. */
    PricePeriod at(Instant instant) {
        for (int i = periods.size() - 1; i >= 0; i--) {
            if (periods.get(i).holdsAt(instant)) {
                return periods.get(i);
            }
        }
        return null;
    }
}
