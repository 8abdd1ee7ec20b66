package dev.tokentally.it.customer.llm;

import dev.langchain4j.model.chat.ChatModel;
import dev.tokentally.langchain4j.LangChain4jLlmPort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** A port for a model that has no listener and needs none. */
@Plain
@ApplicationScoped
public class PlainLlm extends LangChain4jLlmPort {

    protected PlainLlm() {}

    @Inject
    public PlainLlm(@Plain ChatModel model) {
        super(model);
    }
}
