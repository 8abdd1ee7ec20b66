package dev.tokentally.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.model.chat.request.ChatRequest;
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
