package dev.tokentally.langchain4j;

import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kinds of models that are checked, and what records the requests of each. Models for moderation are not checked. With most
 * providers they cost nothing, and an AI service asks them on a thread where a listener sees no scope.
 */
enum ModelType {
    CHAT("dev.langchain4j.model.chat.ChatModel", "TrackingChatModelListener"),
    STREAMING("dev.langchain4j.model.chat.StreamingChatModel", "TrackingChatModelListener"),
    EMBEDDING("dev.langchain4j.model.embedding.EmbeddingModel", "TrackingEmbeddingModelListener");

    private final String type;
    private final String listener;

    ModelType(String type, String listener) {
        this.type = type;
        this.listener = listener;
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

    String listener() {
        return listener;
    }
}
