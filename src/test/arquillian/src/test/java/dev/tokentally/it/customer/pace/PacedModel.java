package dev.tokentally.it.customer.pace;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for as many nanoseconds as the user's message says, as a call waits for a network. Its answer says how long it
 * waited. The rest of a call's time was added by other code. With 0 it answers at once.
 */
public abstract class PacedModel implements LlmPort {

    private static final TokenUsage TOKENS = TokenUsage.of(1_200, 300);

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        long start = System.nanoTime();
        long wait = Long.parseLong(request.userMessage());
        if (wait > 0) {
            LockSupport.parkNanos(wait);
        }
        Long took = System.nanoTime() - start;
        return new LlmResponse<>(request.responseType().cast(took), "openai", "gpt-4o-mini", TOKENS, 0.00036);
    }
}
