package dev.tokentally.langchain4j;

import dev.langchain4j.model.audio.AudioTranscriptionModel;
import dev.langchain4j.model.audio.TextToSpeechModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Objects;

/**
 * Wraps models for which LangChain4j has no listeners, and embedding models, so that each of their calls is recorded in the call
 * scope of the thread that makes it:
 *
 * <pre>{@code
 * @Produces @ApplicationScoped
 * ScoringModel model(TrackedModels tracked) {
 *     return tracked.scoring(CohereScoringModel.builder()…build(), "cohere", "rerank-v3.5");
 * }
 * }</pre>
 *
 * <p>Most of these do not give their name, and a scoring or image model does not give its provider either, so both are parameters.
 * The provider is spelled like OpenTelemetry's {@code gen_ai.provider.name}; null or empty when unknown. A call outside a call
 * scope is made all the same, which is counted and an ERROR in the log. A wrapped model is as safe for use by many threads as the
 * model inside it. Its exceptions are thrown as they are.
 */
@ApplicationScoped
public class TrackedModels {

    private final CallTracker tracker;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected TrackedModels() {
        this(null);
    }

    /**
     * Without CDI.
     *
     * @param tracker records the calls
     */
    @Inject
    public TrackedModels(CallTracker tracker) {
        this.tracker = tracker;
    }

    /**
     * A model that embeds; its rows have the kind {@code embedding}. LangChain4j 1.19 refuses an input without text, such as a
     * picture alone, if the model has any listener. A wrapped model needs none. If it has a {@link TrackingEmbeddingModelListener}
     * all the same, there is still one row.
     *
     * @param model the model to ask, which says who runs it and how it is called; not null
     * @return the same model, recorded
     */
    public EmbeddingModel embedding(EmbeddingModel model) {
        return new TrackedEmbeddingModel(
                model, calls(model, Kind.EMBEDDING, ModelProviderName.of(model.provider()), model.modelName()));
    }

    /**
     * A model that ranks texts; its rows have the kind {@code rerank}.
     *
     * @param model the model to ask; not null
     * @param provider who runs it
     * @param modelName the provider's name for it; null or empty when unknown
     * @return the same model, recorded
     */
    public ScoringModel scoring(ScoringModel model, String provider, String modelName) {
        return new TrackedScoringModel(model, calls(model, Kind.RERANK, provider, modelName));
    }

    /**
     * A model that makes images; its rows have the kind {@code image}.
     *
     * @param model the model to ask; not null
     * @param provider who runs it
     * @param modelName the provider's name for it; null or empty when unknown
     * @return the same model, recorded
     */
    public ImageModel image(ImageModel model, String provider, String modelName) {
        return new TrackedImageModel(model, calls(model, Kind.IMAGE, provider, modelName));
    }

    /**
     * A model that writes down what is said; its rows have the kind {@code audio}.
     *
     * @param model the model to ask, which says who runs it; not null
     * @param modelName the provider's name for it; null or empty when unknown
     * @return the same model, recorded
     */
    public AudioTranscriptionModel transcription(AudioTranscriptionModel model, String modelName) {
        return new TrackedTranscriptionModel(
                model, calls(model, Kind.AUDIO, ModelProviderName.of(model.provider()), modelName));
    }

    /**
     * A model that speaks; its rows have the kind {@code audio}.
     *
     * @param model the model to ask, which says who runs it; not null
     * @param modelName the provider's name for it; null or empty when unknown
     * @return the same model, recorded
     */
    public TextToSpeechModel speech(TextToSpeechModel model, String modelName) {
        return new TrackedSpeechModel(
                model, calls(model, Kind.AUDIO, ModelProviderName.of(model.provider()), modelName));
    }

    private TrackedCalls calls(Object model, Kind kind, String provider, String modelName) {
        Objects.requireNonNull(model, "model");
        return new TrackedCalls(tracker, kind, provider == null ? "" : provider, modelName == null ? "" : modelName);
    }
}
