package dev.tokentally.it.customer.plain;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import jakarta.enterprise.context.ApplicationScoped;

/** Answers without being recorded. */
@Unlisted
@ApplicationScoped
public class UnlistedModel implements LlmPort {

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return LlmResponse.of(request.responseType().cast("answer"), "unlisted", TokenUsage.of(1, 1), null);
    }
}
