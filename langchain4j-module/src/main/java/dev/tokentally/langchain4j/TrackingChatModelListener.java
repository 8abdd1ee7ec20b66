package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.OpenCall;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Records each request of the LangChain4j models that it is given to, ordinary and streaming, in the call scope of the
 * thread that makes it:
 *
 * <pre>{@code
 * @Produces @ApplicationScoped
 * ChatModel model(TrackingChatModelListener listener) {
 *     return OpenAiChatModel.builder().apiKey(key).modelName("gpt-4o-mini").listeners(List.of(listener)).build();
 * }
 * }</pre>
 *
 * <p>A listener cannot refuse a call: outside a call scope it is made all the same, which is an ERROR in the log and
 * counted. Nor does it see the first token of a stream, or that one is cancelled, which a {@link
 * TrackedStreamingChatModel} does. Registered twice on a model, or on one that is asked by an {@code LlmPort} which is
 * recorded, it adds no second row.
 *
 * <p>Safe for use by many threads. Throws nothing, and waits for nothing on the threads that streamed answers come on.
 */
@ApplicationScoped
public class TrackingChatModelListener implements ChatModelListener {

    /** Where LangChain4j keeps the call from its request to its end. */
    private static final Class<?> CALL = OpenCall.class;

    private final CallTracker tracker;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected TrackingChatModelListener() {
        this(null);
    }

    /**
     * Without CDI.
     *
     * @param tracker what records
     */
    @Inject
    public TrackingChatModelListener(CallTracker tracker) {
        this.tracker = tracker;
    }

    @Override
    public void onRequest(ChatModelRequestContext request) {
        request.attributes().computeIfAbsent(CALL, first -> tracker.begin());
    }

    @Override
    public void onResponse(ChatModelResponseContext response) {
        if (response.attributes().get(CALL) instanceof OpenCall call) {
            call.returned(SeenCall.answered(
                    response.modelProvider(), response.chatRequest().modelName(), response.chatResponse()));
        }
    }

    @Override
    public void onError(ChatModelErrorContext error) {
        if (error.attributes().get(CALL) instanceof OpenCall call) {
            call.failed(
                    SeenCall.failure(error.error()),
                    SeenCall.failed(error.modelProvider(), error.chatRequest().modelName()));
        }
    }
}
