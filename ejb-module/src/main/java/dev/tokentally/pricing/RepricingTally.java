package dev.tokentally.pricing;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Cost;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Adds up what a repricing finds. For one thread. */
final class RepricingTally {

    /**
     * The most models with figures of their own. It is limited, since names come from outside and there may be any
     * number of them.
     */
    private static final int MODELS = 1000;

    private static final Comparator<RepricedCalls> DEAREST_FIRST = Comparator.comparing(RepricedCalls::costAfterUsd)
            .reversed()
            .thenComparing(RepricedCalls::provider)
            .thenComparing(RepricedCalls::model);

    private final Map<List<String>, RepricedCalls> models = new HashMap<>();
    private RepricedCalls others = RepricedCalls.none(null, null);
    private long callsRead;

    void read(int calls) {
        callsRead += calls;
    }

    long callsRead() {
        return callsRead;
    }

    void kept(CallRecord call, boolean hasPrice, boolean changedByOthers) {
        add(call, RepricedCalls.none(call.provider(), call.model()).kept(call.costUsd(), hasPrice, changedByOthers));
    }

    void changed(CallRecord call, Cost cost) {
        add(call, RepricedCalls.none(call.provider(), call.model()).changed(call.costUsd(), cost.usd()));
    }

    private void add(CallRecord call, RepricedCalls one) {
        List<String> key = List.of(call.provider(), call.model());
        if (models.size() < MODELS || models.containsKey(key)) {
            models.merge(key, one, RepricedCalls::plus);
        } else {
            others = others.plus(one);
        }
    }

    RepricedCalls total() {
        return models.values().stream().reduce(others, RepricedCalls::plus);
    }

    List<RepricedCalls> models() {
        Stream<RepricedCalls> named = models.values().stream().sorted(DEAREST_FIRST);
        return (others.calls() == 0 ? named : Stream.concat(named, Stream.of(others))).toList();
    }
}
