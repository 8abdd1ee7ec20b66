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

    private static final String LANGCHAIN4J = "dev.langchain4j.";

    /** LangChain4j's models that refuse each request. */
    private static final String DISABLED = "dev.langchain4j\\.model\\..*\\.Disabled\\w+";

    /** A model of this package computes in the application itself, and costs nothing. */
    private static final String IN_PROCESS = "dev.langchain4j.model.scoring.onnx.";

    /** Types of fields that cannot hide another model. */
    private static final Set<Class<?>> PLAIN =
            Set.of(String.class, Boolean.class, Integer.class, Long.class, Double.class, Float.class);

    /** The packages of clients for HTTP, and of what they are built with. Their types cannot hide another model either. */
    private static final List<String> CLIENTS = List.of("java.net.", "java.time.", "jakarta.ws.rs.client.");

    private Listened() {}

    /**
     * Whether it is certain that nothing of ours sees the requests of a model. A wrapper may contain a model whose requests we see.
     */
    static boolean isUnlistened(Object model) {
        if (model instanceof TrackedStreamingChatModel
                || model instanceof TrackedEmbeddingModel
                || model.getClass().getName().matches(DISABLED)) {
            return false;
        }
        if (model instanceof ChatModel || model instanceof StreamingChatModel) {
            return isWithout(model, TrackingChatModelListener.class)
                    && (hasOwnListeners(model.getClass()) || holdsNothing(model.getClass()));
        }
        // A model that LangChain4j runs in the application itself has no listeners of its own, and costs nothing.
        if (model instanceof EmbeddingModel) {
            return isWithout(model, TrackingEmbeddingModelListener.class) && hasOwnListeners(model.getClass());
        }
        return isUnwrapped(model.getClass());
    }

    /** The listeners that a model says it has; none if there are no listeners for its kind. */
    static List<?> listeners(Object model) {
        List<?> listeners = null;
        if (model instanceof ChatModel chat) {
            listeners = chat.listeners();
        } else if (model instanceof StreamingChatModel streaming) {
            listeners = streaming.listeners();
        } else if (model instanceof EmbeddingModel embedding) {
            listeners = embedding.listeners();
        }
        return listeners == null ? List.of() : listeners;
    }

    /** Whether a model's class is LangChain4j's, so that it records nothing itself. */
    static boolean isOfLangChain4j(Object model) {
        return model.getClass().getName().startsWith(LANGCHAIN4J);
    }

    /**
     * Whether it is certain that each object of a class asks a model by itself, and that nobody listens to it. An application may
     * have such a class for a chat model.
     */
    static boolean isNeverListened(Class<?> model) {
        return !hasOwnListeners(model) && holdsNothing(model);
    }

    /** Whether it is a provider's model for which LangChain4j has no listeners, and no wrapper around another model. */
    static boolean isUnwrapped(Class<?> model) {
        return model.getName().startsWith(LANGCHAIN4J)
                && !model.getName().matches(DISABLED)
                && !model.getName().startsWith(IN_PROCESS)
                && fieldTypes(model).noneMatch(type -> ModelType.of(type).isPresent());
    }

    private static boolean isWithout(Object model, Class<?> ours) {
        return listeners(model).stream().noneMatch(ours::isInstance);
    }

    /** LangChain4j's interfaces have a method that returns no listeners. */
    private static boolean hasOwnListeners(Class<?> model) {
        try {
            Class<?> declaring = model.getMethod("listeners").getDeclaringClass();
            return !declaring.isInterface() || !declaring.getName().startsWith(LANGCHAIN4J);
        } catch (NoSuchMethodException otherVersion) {
            return false;
        }
    }

    /** A model that has only plain values asks no other model. */
    private static boolean holdsNothing(Class<?> model) {
        return fieldTypes(model).allMatch(Listened::isPlain);
    }

    /** Whether an object of the type can be no model and hold none. */
    static boolean isPlain(Class<?> type) {
        return type.isPrimitive()
                || type.isEnum()
                || PLAIN.contains(type)
                || CLIENTS.stream().anyMatch(type.getName()::startsWith);
    }

    private static Stream<Class<?>> fieldTypes(Class<?> model) {
        return Stream.<Class<?>>iterate(model, type -> type != null, Class::getSuperclass)
                .flatMap(type -> Stream.of(type.getDeclaredFields()))
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .map(Field::getType);
    }
}
