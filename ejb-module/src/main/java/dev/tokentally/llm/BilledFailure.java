package dev.tokentally.llm;

/**
 * An exception implements this to say that the provider charges for the call that failed, for example when an answer
 * came but could not be parsed. The record of the failed call then has these figures instead of zeros.
 *
 * <p>An adapter that repeats a request may throw the exception of the last one. It adds an {@link Earlier} failure for each request
 * that was billed before, with {@link Throwable#addSuppressed}.
 *
 * <p>The module corrects the values as it does those of an {@link LlmResponse}. Nothing that these methods return or
 * throw reaches the caller.
 */
public interface BilledFailure {

    /**
     * An earlier request of the same call, which was billed. It is only suppressed by the exception of the call, and never thrown
     * itself, since a failure that is thrown has a record of its own. The record of the call has the class of the exception and the
     * figures of the earlier request. If several requests were billed, it has those of the first one, and its cost is {@code partial}.
     */
    interface Earlier extends BilledFailure {}

    /**
     * Who ran the model.
     *
     * @return the provider as in {@link LlmResponse#provider()}; empty or null when unknown
     */
    String provider();

    /**
     * The model that answered.
     *
     * @return the model as the provider names it
     */
    String model();

    /**
     * What the failed call used.
     *
     * @return the tokens; null when not known
     */
    TokenUsage tokens();

    /**
     * What the failed call costs.
     *
     * @return US dollars; null when not known
     */
    Double costUsd();

    /**
     * The tier in which the provider served the call.
     *
     * @return the tier as in {@link LlmResponse#serviceTier()}; empty or null when not known
     */
    default String serviceTier() {
        return "";
    }

    /**
     * The model that was asked for.
     *
     * @return the model as in {@link LlmResponse#requestedModel()}; empty or null when not known
     */
    default String requestedModel() {
        return null;
    }

    /**
     * The provider's own id of its answer.
     *
     * @return the id as in {@link LlmResponse#responseId()}; empty or null when not known
     */
    default String responseId() {
        return null;
    }
}
