package dev.tokentally.it.customer.chat;

import dev.langchain4j.service.UserMessage;
import dev.tokentally.scope.LlmOperation;

/** An AI service whose annotation has no effect, because CDI does not intercept a bean that a producer makes. */
public interface OperatingAssistant {

    /** Asks the model. */
    @LlmOperation("operating")
    String chat(@UserMessage String message);
}
