package dev.tokentally.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.tokentally.llm.ServiceTier;
import java.util.List;

/** Whether a question or an answer has other things in it than texts. Messages are asked by what they offer. */
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

    /** Whether it names what the provider keeps of earlier requests, of any form (Gemini). Null has nothing. */
    static boolean hasCachedContent(ChatRequestParameters parameters) {
        return !Used.text(parameters, "cachedContentName").isEmpty();
    }

    /** Whether it asks for another tier than the standard one. Null asks for nothing. */
    static boolean asksForTier(ChatRequestParameters parameters) {
        Object tier = Used.call(parameters, "serviceTier");
        String name = tier == null ? "" : ServiceTier.of(tier.toString());
        return !name.isEmpty() && !name.equals(ServiceTier.STANDARD);
    }

    /** Whether the provider searched the web for the answer, which it bills and does not count among the tokens (Gemini). */
    static boolean isSearched(ChatResponseMetadata metadata) {
        return Used.call(Used.call(metadata, "groundingMetadata"), "webSearchQueries") instanceof List<?> queries
                && !queries.isEmpty();
    }

    /** An answer may be null. */
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
