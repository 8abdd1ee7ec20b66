package com.example;

import dev.tokentally.llm.*;
import jakarta.enterprise.context.ApplicationScoped;

/** A stub in the place of a provider: it sends nothing, and its answer and usage are made up. */
@ApplicationScoped
public class StubLlm implements LlmPort {
    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        T answer = request.responseType().cast("A summary of " + request.userMessage().length() + " characters.");
        return new LlmResponse<>(answer, "openai", "gpt-4o-mini", TokenUsage.of(1200, 300), null);
    }
}
