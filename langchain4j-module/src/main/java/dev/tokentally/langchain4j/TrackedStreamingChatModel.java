package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.OpenCall;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A streaming model whose requests are recorded with the time to their first token, and also when the stream is
 * cancelled:
 *
 * <pre>{@code
 * @Produces @ApplicationScoped
 * StreamingChatModel model(CallTracker tracker, CallScope scopes) {
 *     return new TrackedStreamingChatModel(OpenAiStreamingChatModel.builder()…build(), tracker, scopes);
 * }
 * }</pre>
 *
 * <p>Work that follows an answer, such as the next request of an AI service that uses tools, runs in the call scope of the request,
 * on whichever thread the answer comes. This applies to the handler's {@code onCompleteResponse}, {@code onError} and {@code
 * onCompleteToolCall}. If a model calls the handler on the caller's thread while it is being asked, or on a thread to which it has
 * taken the scope, it applies to all methods.
 *
 * <p>An exception of the handler does not end the request. LangChain4j passes it to the handler and reads on, so the row has
 * everything for which the provider charges. If a model passes it to the handler while it is being asked, and then returns without
 * an end, the request has ended with it. A cancelled request has the error class {@code CancellationException} and no tokens,
 * since the provider sends these last.
 *
 * <p>Outside a call scope the request is made all the same, which is an ERROR in the log and counted. If the model has a {@link
 * TrackingChatModelListener} too, there is still one row. Safe for use by many threads, if the model is.
 */
public final class TrackedStreamingChatModel implements StreamingChatModel {

    private final StreamingChatModel model;
    private final CallTracker tracker;
    private final CallScope scopes;

    /**
     * Around a model.
     *
     * @param model what is asked; not null
     * @param tracker records the calls, as CDI injects it; not null
     * @param scopes as CDI injects it; not null
     */
    public TrackedStreamingChatModel(StreamingChatModel model, CallTracker tracker, CallScope scopes) {
        this.model = Objects.requireNonNull(model, "model");
        this.tracker = Objects.requireNonNull(tracker, "tracker");
        this.scopes = Objects.requireNonNull(scopes, "scopes");
    }

    @Override
    public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
        tracked(request, handler, tracked -> model.chat(request, tracked));
    }

    @Override
    public void chat(ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
        tracked(request, handler, tracked -> model.chat(request, options, tracked));
    }

    private void tracked(
            ChatRequest request, StreamingChatResponseHandler handler, Consumer<StreamingChatResponseHandler> asking) {
        TrackedStream stream = Guarded.begun(() -> begin(request, handler));
        if (stream == null) {
            asking.accept(handler);
            return;
        }
        try {
            asking.accept(stream);
        } catch (Throwable thrown) {
            try {
                stream.asked();
                stream.failed(thrown);
            } catch (Throwable stackIsFull) {
                // The caller gets the model's own exception.
            }
            throw thrown;
        }
        try {
            stream.returned();
        } catch (Throwable stackIsFull) {
            // The model has been asked, and its caller goes on.
        }
    }

    private TrackedStream begin(ChatRequest request, StreamingChatResponseHandler handler) {
        OpenCall call = tracker.begin(Kind.CHAT.label());
        ToolScopes.Place place = place();
        // If this is part of another call, that call gets what the HTTP client sees.
        RawCall raw = place != null && place.scope().insideCall() ? new RawCall() : RawCall.begin();
        raw.markStreamed();
        ChatRequestParameters defaults = Guarded.said("its model's defaults", model::defaultRequestParameters);
        String asked = Guarded.said("the model that was asked", () -> {
            raw.sends(request, defaults);
            return request.modelName() == null && defaults != null ? defaults.modelName() : request.modelName();
        });
        TrackedStream stream = new TrackedStream(
                new SeenChat(call, raw), handler, scopes, place, Guarded.said("its provider", model::provider), asked);
        stream.asks();
        return stream;
    }

    /** Null outside a call scope, and if the scope cannot be found; the tracker has logged that. */
    private ToolScopes.Place place() {
        try {
            return ToolScopes.Place.here(scopes);
        } catch (Throwable told) {
            return null;
        }
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return model.defaultRequestParameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return model.listeners();
    }

    @Override
    public ModelProvider provider() {
        return model.provider();
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return model.supportedCapabilities();
    }
}
