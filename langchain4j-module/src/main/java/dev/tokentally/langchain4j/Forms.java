package dev.tokentally.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.tokentally.llm.ServiceTier;
import java.util.List;

/** Finds out whether a question or an answer contains anything but texts. Messages are read by the methods that they have. */
final class Forms {

    private Forms() {}

    static boolean isTextAlone(ChatRequest request) {
        for (ChatMessage message : request.messages()) {
            if (Used.call(message, "contents") instanceof List<?> contents
                    && contents.stream().anyMatch(Forms::isOther)) {
                return false;
            }
        }
        return true;
    }

    /** The same for what is to be embedded. Null stands for a model that takes only texts, so the result is true. */
    static boolean isTextAlone(EmbeddingRequest request) {
        return request == null
                || request.inputs().stream()
                        .flatMap(input -> input.contents().stream())
                        .noneMatch(Forms::isOther);
    }

    /** Whether a request names content that the provider has cached (Gemini), which may hold more than text. False for null. */
    static boolean hasCachedContent(ChatRequestParameters parameters) {
        return !Used.text(parameters, "cachedContentName").isEmpty();
    }

    /** Whether a request asks for a tier other than the standard one. False for null. */
    static boolean asksForTier(ChatRequestParameters parameters) {
        Object tier = Used.call(parameters, "serviceTier");
        String name = tier == null ? "" : ServiceTier.of(tier.toString());
        return !name.isEmpty() && !name.equals(ServiceTier.STANDARD);
    }

    /** Whether the provider searched the web for the answer. Gemini bills this and does not count it in the tokens. */
    static boolean isSearched(ChatResponseMetadata metadata) {
        return Used.call(Used.call(metadata, "groundingMetadata"), "webSearchQueries") instanceof List<?> queries
                && !queries.isEmpty();
    }

    /** Whether the answer is only text. A missing answer counts as text. */
    static boolean isTextAlone(AiMessage answer) {
        return answer == null || !hasAny(answer, "images") && !hasAny(answer, "audios");
    }

    private static boolean hasAny(AiMessage answer, String accessor) {
        return Used.call(answer, accessor) instanceof List<?> all && !all.isEmpty();
    }

    private static boolean isOther(Object content) {
        return content instanceof Content part && part.type() != ContentType.TEXT;
    }
}
