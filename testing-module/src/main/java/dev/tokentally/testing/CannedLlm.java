package dev.tokentally.testing;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** A model that gives the same answer to every question and remembers the questions. Safe for use by many threads. */
public final class CannedLlm implements LlmPort {

    private final LlmResponse<?> response;
    private final RuntimeException failure;
    private final List<LlmRequest<?>> requests = new CopyOnWriteArrayList<>();

    private CannedLlm(LlmResponse<?> response, RuntimeException failure) {
        this.response = response;
        this.failure = failure;
    }

    /**
     * A model that answers.
     *
     * @param response the answer to each question; its content must have the requested type; not null
     * @return the model
     */
    public static CannedLlm answering(LlmResponse<?> response) {
        return new CannedLlm(Objects.requireNonNull(response, "response"), null);
    }

    /**
     * A model that fails.
     *
     * @param failure the exception that each call throws; not null
     * @return the model
     */
    public static CannedLlm failing(RuntimeException failure) {
        return new CannedLlm(null, Objects.requireNonNull(failure, "failure"));
    }

    /**
     * The questions that it was asked.
     *
     * @return a copy, in order
     */
    public List<LlmRequest<?>> requests() {
        return List.copyOf(requests);
    }

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        requests.add(request);
        if (failure != null) {
            throw failure;
        }
        request.responseType().cast(response.content());
        @SuppressWarnings("unchecked")
        LlmResponse<T> typed = (LlmResponse<T>) response;
        return typed;
    }
}
