package dev.tokentally.it.customer.llm;

import dev.langchain4j.model.chat.ChatModel;
import dev.tokentally.langchain4j.LangChain4jLlmPort;
import dev.tokentally.langchain4j.TransientModelException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.faulttolerance.Retry;

/** The port as the documentation shows it, with a retry. */
@ApplicationScoped
@Retry(maxRetries = 2, delay = 0, jitter = 0, retryOn = TransientModelException.class)
public class CityLlm extends LangChain4jLlmPort {

    protected CityLlm() {}

    @Inject
    public CityLlm(ChatModel model) {
        super(model);
    }
}
