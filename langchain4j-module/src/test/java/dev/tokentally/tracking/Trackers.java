package dev.tokentally.tracking;

import dev.tokentally.pricing.PriceList;
import dev.tokentally.recording.Recorders;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;

/** Makes the real tracker without CDI. */
public final class Trackers {

    private Trackers() {}

    /**
     * One by the real clocks, with the prices of the module.
     *
     * @param scopes where calls are made
     * @param recorder what takes their records
     * @return the tracker
     */
    public static CallTracker tracker(CallScope scopes, UsageRecorder recorder) {
        return new CallTracker(scopes, recorder, new PriceList(Recorders.defaults()));
    }
}
