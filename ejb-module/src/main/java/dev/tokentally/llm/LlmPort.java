package dev.tokentally.llm;

/**
 * A language model, as an application calls it.
 *
 * <p>The application implements this as a CDI bean and injects it where it needs a model. With {@code
 * dev.tokentally.tracking.TrackingLlmDecorator} listed in the {@code beans.xml} of the archive that holds the bean,
 * every call is recorded:
 *
 * <pre>{@code
 * @ApplicationScoped
 * class AcmeLlm implements LlmPort {
 *     public <T> LlmResponse<T> complete(LlmRequest<T> request) {
 *         AcmeAnswer answer = client.ask(request.systemMessage(), request.userMessage(), request.timeout());
 *         return LlmResponse.of(
 *                 request.responseType().cast(answer.text()),
 *                 answer.model(),
 *                 TokenUsage.of(answer.promptTokens(), answer.completionTokens()),
 *                 null);
 *     }
 * }
 * }</pre>
 *
 * <p>Each implementation says whether several threads may use it; Tokentally adds no rule.
 */
public interface LlmPort {

    /**
     * Asks the model once.
     *
     * @param request what to ask; never null
     * @param <T> what the answer is turned into
     * @return the answer and its usage
     * @throws RuntimeException whatever the implementation throws when the call fails; an exception that implements
     *     {@link BilledFailure} says what the failed call used and costs
     */
    <T> LlmResponse<T> complete(LlmRequest<T> request);
}
