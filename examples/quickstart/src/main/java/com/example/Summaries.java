package com.example;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.scope.LlmOperation;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

@ApplicationScoped
public class Summaries {

    @Inject
    LlmPort llm;

    @LlmOperation("summarise")
    public String summarise(String text) {
        return llm.complete(LlmRequest.of("You are brief.", text, null, String.class)).content();
    }
}
