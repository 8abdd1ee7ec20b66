package dev.tokentally.langchain4j;

import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kinds of models that are checked, and what records the requests of each. Models for moderation are not checked. With most
 * providers they cost nothing, and an AI service asks them on a thread where a listener sees no scope.
 */
enum ModelType {
    CHAT("dev.langchain4j.model.chat.ChatModel", "TrackingChatModelListener", null),
    STREAMING("dev.langchain4j.model.chat.StreamingChatModel", "TrackingChatModelListener", null),
    EMBEDDING("dev.langchain4j.model.embedding.EmbeddingModel", "TrackingEmbeddingModelListener", null),
    SCORING("dev.langchain4j.model.scoring.ScoringModel", null, "scoring(model, provider, modelName)"),
    IMAGE("dev.langchain4j.model.image.ImageModel", null, "image(model, provider, modelName)"),
    TRANSCRIPTION("dev.langchain4j.model.audio.AudioTranscriptionModel", null, "transcription(model, modelName)"),
    SPEECH("dev.langchain4j.model.audio.TextToSpeechModel", null, "speech(model, modelName)");

    private final String type;
    private final String listener;
    private final String wrapping;

    /**
     * @param listener the simple name of our listener; null if LangChain4j has none for such models
     * @param wrapping how {@link TrackedModels} wraps a model without listeners; null if the model has them
     */
    ModelType(String type, String listener, String wrapping) {
        this.type = type;
        this.listener = listener;
        this.wrapping = wrapping;
    }

    static Optional<ModelType> among(Collection<String> names) {
        return Stream.of(values()).filter(kind -> names.contains(kind.type)).findFirst();
    }

    /** The kind of a model's class, by the interface that it implements; empty for any other class. */
    static Optional<ModelType> of(Class<?> model) {
        return Stream.of(values()).filter(kind -> kind.isOf(model)).findFirst();
    }

    boolean isOf(Class<?> model) {
        for (Class<?> type = model; type != null; type = type.getSuperclass()) {
            if (type.getName().equals(this.type)
                    || Stream.of(type.getInterfaces()).anyMatch(this::isOf)) {
                return true;
            }
        }
        return false;
    }

    /** The simple name of LangChain4j's interface. */
    String label() {
        return type.substring(type.lastIndexOf('.') + 1);
    }

    /** Whether LangChain4j tells listeners of the requests. Otherwise the model has to be wrapped. */
    boolean hasListeners() {
        return listener != null;
    }

    /** The simple name of our listener. */
    String listener() {
        return listener;
    }

    /** How to wrap a model without listeners. */
    String wrapping() {
        return "TrackedModels." + wrapping;
    }
}
