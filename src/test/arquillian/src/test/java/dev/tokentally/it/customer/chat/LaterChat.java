package dev.tokentally.it.customer.chat;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.service.TokenStream;
import dev.tokentally.scope.LlmOperation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** Work that its caller starts after the method has returned. */
@ApplicationScoped
public class LaterChat {

    @Inject
    @Named("listener")
    StreamingAssistant streaming;

    @Inject
    @Named("wrapper")
    StreamingAssistant tracked;

    /** Asks when the stream is started. */
    @LlmOperation("later")
    public TokenStream chat(String by, String message, ChatRequestParameters parameters) {
        return (by.equals("wrapper") ? tracked : streaming).chat(message, parameters);
    }
}
