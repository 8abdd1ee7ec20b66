package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Whether the requests of a model are recorded. */
final class Listened {

    /** Types of fields that cannot hide another model. */
    private static final Set<Class<?>> PLAIN =
            Set.of(String.class, Boolean.class, Integer.class, Long.class, Double.class, Float.class);

    private Listened() {}

    /**
     * Whether it is certain that nothing of ours sees the requests of a model. A wrapper may contain a model whose requests we see.
     */
    static boolean isUnlistened(Object model) {
        if (model instanceof TrackedStreamingChatModel) {
            return false;
        }
        if (model instanceof ChatModel chat) {
            return isWithout(chat.listeners(), TrackingChatModelListener.class)
                    && (hasOwnListeners(model, ChatModel.class) || holdsNothing(model));
        }
        if (model instanceof StreamingChatModel streaming) {
            return isWithout(streaming.listeners(), TrackingChatModelListener.class)
                    && (hasOwnListeners(model, StreamingChatModel.class) || holdsNothing(model));
        }
        // A model that LangChain4j runs in the application itself has no listeners of its own, and costs nothing.
        return model instanceof EmbeddingModel embedding
                && isWithout(embedding.listeners(), TrackingEmbeddingModelListener.class)
                && hasOwnListeners(model, EmbeddingModel.class);
    }

    private static boolean isWithout(List<?> listeners, Class<?> ours) {
        return listeners == null || listeners.stream().noneMatch(ours::isInstance);
    }

    private static boolean hasOwnListeners(Object model, Class<?> type) {
        try {
            return model.getClass().getMethod("listeners").getDeclaringClass() != type;
        } catch (NoSuchMethodException otherVersion) {
            return false;
        }
    }

    /** A model that has only plain values asks no other model. */
    private static boolean holdsNothing(Object model) {
        return Stream.<Class<?>>iterate(model.getClass(), type -> type != null, Class::getSuperclass)
                .flatMap(type -> Stream.of(type.getDeclaredFields()))
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .map(Field::getType)
                .allMatch(type -> type.isPrimitive() || type.isEnum() || PLAIN.contains(type));
    }
}
