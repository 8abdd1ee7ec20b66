package dev.tokentally.pricing;

import java.math.BigDecimal;

/**
 * What a repricing makes of calls whose cost no provider said.
 *
 * @param provider who ran the model; null where these are the calls of several models
 * @param model which model answered; null where these are the calls of several models
 * @param calls how many
 * @param changes how many of them get another cost, or one for the first time
 * @param withoutPrice how many the list has no price for: their cost stays, also where an earlier list knew one
 * @param changedMeanwhile how many somebody else changed while they were looked at; counted as they were found
 * @param costBeforeUsd what they cost before, in US dollars
 * @param costAfterUsd what they cost after
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

    /** With a call whose cost stays. */
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

    /** With a call whose cost changes. */
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
