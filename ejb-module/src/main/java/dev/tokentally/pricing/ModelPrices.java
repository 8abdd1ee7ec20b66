package dev.tokentally.pricing;

import java.time.Instant;
import java.util.List;

/**
 * What a list knows of a model.
 *
 * @param provider who sells it, as the list says; empty where it does not
 * @param model what the list calls it
 * @param kind the kind of calls it is for; empty where the list does not tell
 * @param fault why the list has no price for it that can be used; null where it has one
 * @param periods its prices; of those that hold at an instant, the last one counts
 */
record ModelPrices(String provider, String model, String kind, String fault, List<PricePeriod> periods) {

    static ModelPrices unusable(String provider, String model, String fault) {
        return new ModelPrices(provider, model, "", fault, List.of());
    }

    /** Null where none holds. */
    PricePeriod at(Instant instant) {
        for (int i = periods.size() - 1; i >= 0; i--) {
            if (periods.get(i).holdsAt(instant)) {
                return periods.get(i);
            }
        }
        return null;
    }
}
