package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.faulttolerance.Retry;

/** Fails twice, then succeeds, and so on. */
@Flaky
@ApplicationScoped
public class FlakyModel implements LlmPort {

    private final AtomicInteger calls = new AtomicInteger();

    @Override
    @Retry(maxRetries = 2, delay = 0, jitter = 0)
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        if (calls.incrementAndGet() % 3 != 0) {
            throw new IllegalStateException("try again");
        }
        return Script.play(request, "flaky");
    }
}
