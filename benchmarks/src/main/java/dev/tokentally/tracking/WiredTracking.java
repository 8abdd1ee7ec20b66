package dev.tokentally.tracking;

import dev.tokentally.config.MissingScope;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.recording.WiredRecorder;
import dev.tokentally.scope.CallScope;
import java.util.Map;

/** The real tracker and decorator, by the real clocks. In this package since CDI alone is to make them. */
public final class WiredTracking {

    private WiredTracking() {}

    /**
     * A tracker with the prices of the module.
     *
     * @param scopes where calls are made
     * @param recorder what takes their records
     * @return the tracker
     */
    public static CallTracker tracker(CallScope scopes, UsageRecorder recorder) {
        return new CallTracker(scopes, recorder, new PriceList(WiredRecorder.settings(Map.of())));
    }

    /**
     * A port whose calls are recorded.
     *
     * @param inner the port
     * @param tracker what records
     * @return the decorated port
     */
    public static LlmPort decorated(LlmPort inner, CallTracker tracker) {
        return new TrackingLlmDecorator(inner, tracker, MissingScope.FAIL);
    }
}
