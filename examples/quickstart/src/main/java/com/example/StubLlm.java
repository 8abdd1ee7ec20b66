package com.example;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.UsagePayload;
import jakarta.enterprise.context.ApplicationScoped;

/** A stub in the place of a provider: it sends nothing, and its answer and usage are made up. */
@ApplicationScoped
public class StubLlm implements LlmPort {

    private static final String USAGE = "{\"prompt_tokens\": 1200, \"completion_tokens\": 300, \"total_tokens\": 1500}";

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        T answer = request.responseType().cast("A summary of " + request.userMessage().length() + " characters.");
        UsagePayload used = UsagePayload.read("openai", USAGE);
        return new LlmResponse<>(answer, "openai", "gpt-4o-mini", used.tokens(), used.costUsd());
    }
}
