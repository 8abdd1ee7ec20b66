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
 * <p>An AI service that uses tools sends their results on the thread that a streamed answer came on, outside any scope: they
 * are in that of the request which the answer was to, as long as its chat memory holds the very answer. The tools
 * themselves have no scope there.
 *
 * <p>Safe for use by many threads. Throws nothing, and waits for nothing on the threads that streamed answers come on.
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
        request.attributes().computeIfAbsent(CALL, first -> {
            Seen seen = begin(request.chatRequest());
            seen.chat().raw().sends(request.chatRequest(), null);
            return seen;
        });
    }

    @Override
    public void onResponse(ChatModelResponseContext response) {
        if (response.attributes().get(CALL) instanceof Seen seen) {
            AiMessage answer = response.chatResponse().aiMessage();
            if (seen.scope() != null && answer.hasToolExecutionRequests()) {
                toolScopes.remember(answer, seen.scope());
            }
            seen.chat()
                    .answered(response.modelProvider(), response.chatRequest().modelName(), response.chatResponse());
        }
    }

    @Override
    public void onError(ChatModelErrorContext error) {
        if (error.attributes().get(CALL) instanceof Seen seen) {
            seen.chat().failed(error.modelProvider(), error.chatRequest().modelName(), error.error());
        }
    }

    private Seen begin(ChatRequest request) {
        CallScope.Snapshot here = scope();
        if (here != null) {
            return seen(here);
        }
        return toolScopes
                .of(request.messages())
                .map(earlier -> earlier.wrapSupplier(() -> seen(earlier)).get())
                .orElseGet(() -> seen(null));
    }

    /** What is a part of another call leaves what the HTTP client sees to that one. */
    private Seen seen(CallScope.Snapshot scope) {
        boolean counts = scope != null && !scopes.current().orElseThrow().insideCall();
        return new Seen(new SeenChat(tracker.begin(), counts ? RawCall.begin() : new RawCall()), scope);
    }

    /** Null outside a call scope, and where none can be told, of which the tracker tells. */
    private CallScope.Snapshot scope() {
        try {
            return scopes.current().isPresent() ? scopes.capture() : null;
        } catch (RuntimeException told) {
            return null;
        }
    }

    /**
     * A chat and where it was made.
     *
     * @param scope null outside a call scope
     */
    private record Seen(SeenChat chat, CallScope.Snapshot scope) {}
}
