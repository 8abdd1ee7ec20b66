package dev.tokentally.tracking;

import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;

/** Makes the real tracker without CDI. */
public final class Trackers {

    private Trackers() {}

    /**
     * One by the real clocks.
     *
     * @param scopes where calls are made
     * @param recorder what takes their records
     * @return the tracker
     */
    public static CallTracker tracker(CallScope scopes, UsageRecorder recorder) {
        return new CallTracker(scopes, recorder);
    }
}
