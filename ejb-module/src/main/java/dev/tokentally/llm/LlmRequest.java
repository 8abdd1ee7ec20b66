package dev.tokentally.llm;

import java.time.Duration;

/**
 * One question to a model. Tokentally never stores or logs either message.
 *
 * @param systemMessage what the model is told about its task; may be null if the model needs none
 * @param userMessage what the model is asked
 * @param tenantId the tenant, for adapters that need it; the record's tenant comes from the call scope, never from here
 * @param responseType what the answer is turned into: {@code String.class} for plain text
 * @param timeout how long the adapter may wait for the whole answer
 * @param <T> what the answer is turned into
 */
public record LlmRequest<T>(
        String systemMessage, String userMessage, String tenantId, Class<T> responseType, Duration timeout) {

    /** The timeout of a request that names none, as in the Python adapter that the contract comes from. */
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);

    /**
     * A request with the default timeout of 20 seconds.
     *
     * @param systemMessage what the model is told about its task
     * @param userMessage what the model is asked
     * @param tenantId the tenant, for adapters that need it
     * @param responseType what the answer is turned into
     * @param <T> what the answer is turned into
     * @return the request
     */
    public static <T> LlmRequest<T> of(
            String systemMessage, String userMessage, String tenantId, Class<T> responseType) {
        return new LlmRequest<>(systemMessage, userMessage, tenantId, responseType, DEFAULT_TIMEOUT);
    }

    /**
     * The same request with another timeout.
     *
     * @param timeout how long the adapter may wait for the whole answer
     * @return a copy
     */
    public LlmRequest<T> withTimeout(Duration timeout) {
        return new LlmRequest<>(systemMessage, userMessage, tenantId, responseType, timeout);
    }
}
