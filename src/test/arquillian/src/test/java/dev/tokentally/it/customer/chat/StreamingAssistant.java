package dev.tokentally.it.customer.chat;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;

/** An AI service whose answer comes in parts. */
public interface StreamingAssistant {

    /** Asks when the stream is started. */
    TokenStream chat(@UserMessage String message, ChatRequestParameters parameters);
}
