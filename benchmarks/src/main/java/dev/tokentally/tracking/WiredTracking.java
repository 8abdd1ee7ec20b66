package dev.tokentally.tracking;

import dev.tokentally.config.MissingScope;
import dev.tokentally.llm.LlmPort;

/** The real decorator. In this package since CDI alone is to make it. */
public final class WiredTracking {

    private WiredTracking() {}

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
