package dev.tokentally.it.customer.chat;

import dev.langchain4j.service.UserMessage;
import dev.tokentally.scope.LlmOperation;

/** An AI service whose annotation has no effect: a bean that a producer makes is not intercepted. */
public interface OperatingAssistant {

    /** Asks. */
    @LlmOperation("operating")
    String chat(@UserMessage String message);
}
