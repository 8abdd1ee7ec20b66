package dev.tokentally.pricing;

import java.math.BigDecimal;

/**
 * The result of a repricing for calls whose provider did not say their cost.
 *
 * @param provider the provider that ran the model; null for the calls of several models
 * @param model the model that answered; null for the calls of several models
 * @param calls how many calls there are
 * @param changes how many of them get a new cost, or one for the first time
 * @param withoutPrice how many have no price in the list; they keep their cost, even one from an earlier list
 * @param changedMeanwhile how many somebody else changed at the same time; they count with the cost that was read
 * @param costBeforeUsd their cost before, in US dollars
 * @param costAfterUsd their cost after, in US dollars
 */
public record RepricedCalls(
        String provider,
        String model,
        long calls,
        long changes,
        long withoutPrice,
        long changedMeanwhile,
        BigDecimal costBeforeUsd,
        BigDecimal costAfterUsd) {

    static RepricedCalls none(String provider, String model) {
        return new RepricedCalls(provider, model, 0, 0, 0, 0, BigDecimal.ZERO, BigDecimal.ZERO);
    }

    /** Adds a call whose cost stays. */
    RepricedCalls kept(BigDecimal cost, boolean hasPrice, boolean changedByOthers) {
        return new RepricedCalls(
                provider,
                model,
                calls + 1,
                changes,
                withoutPrice + (hasPrice ? 0 : 1),
                changedMeanwhile + (changedByOthers ? 1 : 0),
                costBeforeUsd.add(cost),
                costAfterUsd.add(cost));
    }

    /** Adds a call whose cost changes. */
    RepricedCalls changed(BigDecimal before, BigDecimal after) {
        return new RepricedCalls(
                provider,
                model,
                calls + 1,
                changes + 1,
                withoutPrice,
                changedMeanwhile,
                costBeforeUsd.add(before),
                costAfterUsd.add(after));
    }

    RepricedCalls plus(RepricedCalls other) {
        return new RepricedCalls(
                provider,
                model,
                calls + other.calls,
                changes + other.changes,
                withoutPrice + other.withoutPrice,
                changedMeanwhile + other.changedMeanwhile,
                costBeforeUsd.add(other.costBeforeUsd),
                costAfterUsd.add(other.costAfterUsd));
    }
}
