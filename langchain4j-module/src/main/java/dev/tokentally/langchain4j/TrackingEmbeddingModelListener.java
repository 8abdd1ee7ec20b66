package dev.tokentally.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelErrorContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelRequestContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.ref.WeakReference;
import java.util.List;

/**
 * Records each call of the embedding models to which it is added, with the kind {@code embedding}, in the call scope of the thread
 * that makes it:
 *
 * <pre>{@code
 * @Produces @ApplicationScoped
 * EmbeddingModel model(TrackingEmbeddingModelListener listener) {
 *     return OpenAiEmbeddingModel.builder().apiKey(key).modelName("text-embedding-3-small").listeners(List.of(listener)).build();
 * }
 * }</pre>
 *
 * <p>A model whose builder takes no listeners gets one by {@code model.addListener(listener)}. Outside a call scope a call is made
 * all the same, which is an ERROR in the log and counted. If a model sends the texts of a call in several requests, there is one
 * row. Safe for use by many threads; throws nothing.
 */
@ApplicationScoped
public class TrackingEmbeddingModelListener implements EmbeddingModelListener {

    /** Where LangChain4j keeps the call from its request to its end. */
    private static final Class<?> CALL = Seen.class;

    /**
     * The class of model that {@code addListener} makes. The model inside it may have the listener too, and reports the same call.
     */
    private static final String ADDED = "dev.langchain4j.model.embedding.ListeningEmbeddingModel";

    private static final StackWalker STACK = StackWalker.getInstance();

    private final CallTracker tracker;

    /**
     * The call on this thread of a model that {@code addListener} made. The reference is weak, since the end of a call may never be
     * told.
     */
    private final ThreadLocal<WeakReference<Seen>> around = new ThreadLocal<>();

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected TrackingEmbeddingModelListener() {
        this(null);
    }

    /**
     * Without CDI.
     *
     * @param tracker what records
     */
    @Inject
    public TrackingEmbeddingModelListener(CallTracker tracker) {
        this.tracker = tracker;
    }

    @Override
    public void onRequest(EmbeddingModelRequestContext request) {
        Guarded.recorded(() -> {
            if (!isEmpty(request)) {
                request.attributes()
                        .computeIfAbsent(CALL, first -> begin(request.embeddingModel(), texts(request.textSegments())));
            }
        });
    }

    /** Whether there is nothing to embed. Then a model sends nothing, and LangChain4j tells the listeners all the same. */
    private static boolean isEmpty(EmbeddingModelRequestContext request) {
        return request.embeddingRequest() == null && request.textSegments().isEmpty();
    }

    /** Only the texts, since LangChain4j drops the metadata on the way to the model inside. */
    private static List<String> texts(List<TextSegment> segments) {
        return segments.stream()
                .map(segment -> segment == null ? null : segment.text())
                .toList();
    }

    private Seen begin(EmbeddingModel model, List<String> texts) {
        WeakReference<Seen> last = around.get();
        Seen outer = last == null ? null : last.get();
        if (outer != null && outer.texts().equals(texts) && isRunning(isAdded(model) ? 2 : 1)) {
            return outer;
        }
        Seen seen = new Seen(SeenOther.begin(Kind.EMBEDDING, tracker), texts);
        if (isAdded(model)) {
            around.set(new WeakReference<>(seen));
        }
        return seen;
    }

    /**
     * Whether at least so many models that {@code addListener} made are running on this thread. LangChain4j does not tell a
     * listener of an Error, so a call that an Error ended is still remembered here. Without this check, the next call with the same
     * texts would count as a part of it.
     */
    private static boolean isRunning(int models) {
        return STACK.walk(frames -> frames.filter(frame -> frame.getClassName().equals(ADDED))
                        .limit(models)
                        .count())
                == models;
    }

    @Override
    public void onResponse(EmbeddingModelResponseContext response) {
        Guarded.recorded(() -> {
            if (response.attributes().get(CALL) instanceof Seen seen) {
                leave(response.embeddingModel());
                seen.call()
                        .answered(
                                ModelProviderName.of(response.modelProvider()),
                                Guarded.said("its model", () -> answering(response)),
                                Guarded.said("its tokens", () -> used(response)));
            }
        });
    }

    private static String answering(EmbeddingModelResponseContext response) {
        EmbeddingResponseMetadata told = response.embeddingResponse() == null
                ? null
                : response.embeddingResponse().metadata();
        String model = told == null ? null : told.modelName();
        return model == null ? asked(response.embeddingModel(), response.embeddingRequest()) : model;
    }

    @Override
    public void onError(EmbeddingModelErrorContext error) {
        Guarded.recorded(() -> {
            if (error.attributes().get(CALL) instanceof Seen seen) {
                leave(error.embeddingModel());
                seen.call()
                        .failed(
                                ModelProviderName.of(error.modelProvider()),
                                Guarded.said(
                                        "its model", () -> asked(error.embeddingModel(), error.embeddingRequest())),
                                error.error(),
                                error.textSegments().size());
            }
        });
    }

    /** LangChain4j's counts do not say how many of the tokens are pictures or sound, which cost more or less than texts. */
    private static TokenUsage used(EmbeddingModelResponseContext response) {
        TokenUsage told = UsedTokens.of(response.response().tokenUsage());
        return told == null || Forms.isTextAlone(response.embeddingRequest()) ? told : told.with(UsageDoubt.INCOMPLETE);
    }

    private void leave(EmbeddingModel model) {
        if (isAdded(model)) {
            around.remove();
        }
    }

    private static boolean isAdded(EmbeddingModel model) {
        return model.getClass().getName().equals(ADDED);
    }

    private static String asked(EmbeddingModel model, EmbeddingRequest request) {
        String name = request == null || request.parameters() == null
                ? null
                : request.parameters().modelName();
        return name == null ? model.modelName() : name;
    }

    /** A call, and what it embeds. */
    private record Seen(SeenOther call, List<String> texts) {}
}
