package dev.tokentally.langchain4j;

import dev.langchain4j.model.moderation.listener.ModerationModelErrorContext;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import dev.langchain4j.model.moderation.listener.ModerationModelRequestContext;
import dev.langchain4j.model.moderation.listener.ModerationModelResponseContext;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Records each call of the moderation models to which it is added, with the kind {@code moderation}, in the call scope of the
 * thread that makes it:
 *
 * <pre>{@code
 * @Produces @ApplicationScoped
 * ModerationModel model(TrackingModerationModelListener listener) {
 *     return OpenAiModerationModel.builder().apiKey(key).modelName("omni-moderation-latest").listeners(List.of(listener)).build();
 * }
 * }</pre>
 *
 * <p>LangChain4j does not tell how many tokens a moderation used. Outside a call scope a call is made all the same, which is
 * an ERROR in the log and counted; an AI service with {@code @Moderate} asks its model on such a thread. Safe for use by
 * many threads; throws nothing.
 */
@ApplicationScoped
public class TrackingModerationModelListener implements ModerationModelListener {

    /** Where LangChain4j keeps the call from its request to its end. */
    private static final Class<?> CALL = SeenOther.class;

    private final CallTracker tracker;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected TrackingModerationModelListener() {
        this(null);
    }

    /**
     * Without CDI.
     *
     * @param tracker what records
     */
    @Inject
    public TrackingModerationModelListener(CallTracker tracker) {
        this.tracker = tracker;
    }

    @Override
    public void onRequest(ModerationModelRequestContext request) {
        Guarded.recorded(
                () -> request.attributes().computeIfAbsent(CALL, first -> SeenOther.begin(Kind.MODERATION, tracker)));
    }

    @Override
    public void onResponse(ModerationModelResponseContext response) {
        Guarded.recorded(() -> {
            if (response.attributes().get(CALL) instanceof SeenOther call) {
                call.answered(
                        ModelProviderName.of(response.modelProvider()),
                        response.moderationRequest().modelName(),
                        null);
            }
        });
    }

    @Override
    public void onError(ModerationModelErrorContext error) {
        Guarded.recorded(() -> {
            if (error.attributes().get(CALL) instanceof SeenOther call) {
                call.failed(
                        ModelProviderName.of(error.modelProvider()),
                        error.moderationRequest().modelName(),
                        error.error(),
                        1);
            }
        });
    }
}
