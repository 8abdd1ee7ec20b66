package dev.tokentally.it.customer.unit;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import jakarta.enterprise.context.ApplicationScoped;

/** Answers at once. */
@Noting
@ApplicationScoped
public class NotingLlm implements LlmPort {

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        return LlmResponse.of(request.responseType().cast("noted"), "m", TokenUsage.of(1, 1), null);
    }
}
