package dev.tokentally.it.customer.plain;

import dev.tokentally.config.Settings;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.TrackingLlmDecorator;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;

/** Decorates a model by hand, as CDI does not decorate what a producer makes. So nothing is wrong with either. */
@ApplicationScoped
public class WrappedModels {

    @Produces
    @ByHand(recorded = false)
    LlmPort raw() {
        return new UnlistedModel();
    }

    @Produces
    @ByHand(recorded = true)
    LlmPort wrapped(@ByHand(recorded = false) LlmPort raw, CallTracker tracker, Settings settings) {
        return new TrackingLlmDecorator(raw, tracker, settings);
    }
}
