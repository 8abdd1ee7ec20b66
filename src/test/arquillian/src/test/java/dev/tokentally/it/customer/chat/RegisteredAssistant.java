package dev.tokentally.it.customer.chat;

import dev.langchain4j.cdi.spi.RegisterAIService;
import dev.langchain4j.service.UserMessage;
import dev.tokentally.scope.LlmOperation;

/** An AI service for which an extension makes a bean, as langchain4j-cdi does. Its annotation has no effect. */
@RegisterAIService
public interface RegisteredAssistant {

    /** Asks the model. */
    @LlmOperation("registered")
    String chat(@UserMessage String message);
}
