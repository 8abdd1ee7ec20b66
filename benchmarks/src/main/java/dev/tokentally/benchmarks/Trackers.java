package dev.tokentally.benchmarks;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.recording.Recorders;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.TrackingLlmDecorator;

/** Creates the real tracker and the real decorator without CDI. */
final class Trackers {

    private Trackers() {}

    /** A tracker with the real clocks and the prices of the module. */
    static CallTracker tracker(CallScope scopes, UsageRecorder recorder) {
        return new CallTracker(scopes, recorder, new PriceList(Recorders.defaults()));
    }

    /** A port whose calls are recorded. */
    static LlmPort decorated(LlmPort inner, CallTracker tracker) {
        return new TrackingLlmDecorator(inner, tracker, Recorders.defaults());
    }
}
