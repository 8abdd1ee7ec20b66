package dev.tokentally.it.customer.chat;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.service.UserMessage;

/** An AI service that answers when the whole answer is there. */
public interface Assistant {

    /** Asks the model. */
    String chat(@UserMessage String message, ChatRequestParameters parameters);
}
