package dev.tokentally.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Records each request of the LangChain4j models to which it is added, ordinary and streaming, in the call scope of the thread that
 * makes it:
 *
 * <pre>{@code
 * @Produces @ApplicationScoped
 * ChatModel model(TrackingChatModelListener listener) {
 *     return OpenAiChatModel.builder().apiKey(key).modelName("gpt-4o-mini").listeners(List.of(listener)).build();
 * }
 * }</pre>
 *
 * <p>A listener cannot refuse a call. Outside a call scope the call is made all the same, which is counted and an ERROR in the log.
 * A listener does not see the first token of a stream, or that a stream is cancelled; a {@link TrackedStreamingChatModel} does. If
 * it is registered twice on a model, or if a recorded {@code LlmPort} asks the model, it adds no second row.
 *
 * <p>If an AI service uses tools, it sends their results on the thread on which a streamed answer came, outside any scope. These
 * requests are recorded in the scope of the request that got the answer, as long as the chat memory has the same answer object. The
 * tools themselves have no scope there.
 *
 * <p>Safe for use by many threads. It never throws, and it never waits on the threads on which streamed answers come.
 */
@ApplicationScoped
public class TrackingChatModelListener implements ChatModelListener {

    /** Where LangChain4j keeps the call from its request to its end. */
    private static final Class<?> CALL = Seen.class;

    private final CallTracker tracker;
    private final CallScope scopes;
    private final ToolScopes toolScopes = new ToolScopes();

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected TrackingChatModelListener() {
        this(null, null);
    }

    /**
     * Without CDI.
     *
     * @param tracker what records
     * @param scopes where calls are made
     */
    @Inject
    public TrackingChatModelListener(CallTracker tracker, CallScope scopes) {
        this.tracker = tracker;
        this.scopes = scopes;
    }

    @Override
    public void onRequest(ChatModelRequestContext request) {
        Guarded.recorded(() -> request.attributes().computeIfAbsent(CALL, first -> begin(request.chatRequest())));
    }

    @Override
    public void onResponse(ChatModelResponseContext response) {
        Guarded.recorded(() -> {
            if (response.attributes().get(CALL) instanceof Seen seen) {
                seen.chat()
                        .answered(
                                response.modelProvider(), response.chatRequest().modelName(), response.chatResponse());
                remember(response.chatResponse().aiMessage(), seen.place());
            }
        });
    }

    private void remember(AiMessage answer, ToolScopes.Place place) {
        if (place != null && answer.hasToolExecutionRequests()) {
            toolScopes.remember(answer, place);
        }
    }

    @Override
    public void onError(ChatModelErrorContext error) {
        Guarded.recorded(() -> {
            if (error.attributes().get(CALL) instanceof Seen seen) {
                seen.chat()
                        .failed(
                                error.modelProvider(),
                                error.chatRequest().modelName(),
                                error.error(),
                                CutStream.isReportedHere());
            }
        });
    }

    private Seen begin(ChatRequest request) {
        ToolScopes.Place here = here();
        Seen seen = here != null
                ? seen(here)
                : toolScopes
                        .of(request.messages())
                        .map(earlier -> earlier.snapshot()
                                .wrapSupplier(() -> seen(earlier))
                                .get())
                        .orElseGet(() -> seen(null));
        Guarded.said("the form of its question", () -> {
            seen.chat().raw().sends(request, null);
            return null;
        });
        return seen;
    }

    private Seen seen(ToolScopes.Place place) {
        boolean isPart = place != null && place.scope().insideCall();
        return new Seen(new SeenChat(tracker.begin(Kind.CHAT.label()), RawCall.ofListener(isPart)), place);
    }

    /** Null outside a call scope, and if the scope cannot be found; the tracker logs that. */
    private ToolScopes.Place here() {
        try {
            return ToolScopes.Place.here(scopes);
        } catch (Throwable told) {
            return null;
        }
    }

    /**
     * A chat and where it was made.
     *
     * @param place null outside a call scope
     */
    private record Seen(SeenChat chat, ToolScopes.Place place) {}
}
