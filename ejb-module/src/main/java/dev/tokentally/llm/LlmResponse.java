package dev.tokentally.llm;

/**
 * A model's answer and what it used. Every value is accepted here, since a customer's call must not fail because of its
 * bookkeeping. Wrong values of an adapter are corrected when the call is recorded.
 *
 * @param content the answer; may be null
 * @param provider who ran the model, as OpenTelemetry's {@code gen_ai.provider.name} spells it ({@code openai}, {@code
 *     anthropic}, {@code aws.bedrock} …); empty when unknown
 * @param model the model that answered, as the provider names it
 * @param tokens what the call used
 * @param costUsd what the provider or the adapter says the call costs, in US dollars; null, NaN, an infinite or a
 *     negative number stands for an unknown cost
 * @param serviceTier the tier in which the provider served the call ({@code standard}, {@code flex}, {@code priority},
 *     {@code batch}); empty when it does not say
 * @param kind what kind of call it was ({@code chat}, {@code embedding}, {@code moderation}, {@code rerank}, {@code
 *     image}, {@code audio})
 * @param requestedModel the model that was asked for, though another may have answered; null when not known
 * @param responseId the provider's own id of this answer, which its invoice export may name; null when not known
 * @param <T> what the answer was turned into
 */
public record LlmResponse<T>(
        T content,
        String provider,
        String model,
        TokenUsage tokens,
        Double costUsd,
        String serviceTier,
        String kind,
        String requestedModel,
        String responseId) {

    private static final String CHAT = "chat";

    /**
     * An answer without the provider's id of it.
     *
     * @param content the answer; may be null
     * @param provider who ran the model; empty when unknown
     * @param model the model that answered
     * @param tokens what the call used
     * @param costUsd what it costs in US dollars; null when not known
     * @param serviceTier the tier in which the provider served the call; empty when it does not say
     * @param kind what kind of call it was
     * @param requestedModel the model that was asked for; null when not known
     */
    public LlmResponse(
            T content,
            String provider,
            String model,
            TokenUsage tokens,
            Double costUsd,
            String serviceTier,
            String kind,
            String requestedModel) {
        this(content, provider, model, tokens, costUsd, serviceTier, kind, requestedModel, null);
    }

    /**
     * An answer without the requested model.
     *
     * @param content the answer; may be null
     * @param provider who ran the model; empty when unknown
     * @param model the model that answered
     * @param tokens what the call used
     * @param costUsd what it costs in US dollars; null when not known
     * @param serviceTier the tier in which the provider served the call; empty when it does not say
     * @param kind what kind of call it was
     */
    public LlmResponse(
            T content,
            String provider,
            String model,
            TokenUsage tokens,
            Double costUsd,
            String serviceTier,
            String kind) {
        this(content, provider, model, tokens, costUsd, serviceTier, kind, null);
    }

    /**
     * The answer of a chat, without a tier.
     *
     * @param content the answer; may be null
     * @param provider who ran the model; empty when unknown
     * @param model the model that answered
     * @param tokens what the call used
     * @param costUsd what it costs in US dollars; null when not known
     */
    public LlmResponse(T content, String provider, String model, TokenUsage tokens, Double costUsd) {
        this(content, provider, model, tokens, costUsd, "", CHAT);
    }

    /**
     * A response of an unknown provider.
     *
     * @param content the answer
     * @param model the model that answered
     * @param tokens what the call used
     * @param costUsd what it costs in US dollars; null when not known
     * @param <T> what the answer was turned into
     * @return the response
     */
    public static <T> LlmResponse<T> of(T content, String model, TokenUsage tokens, Double costUsd) {
        return new LlmResponse<>(content, "", model, tokens, costUsd);
    }

    /**
     * The same response with the tier in which the provider served the call.
     *
     * @param tier as the provider names it
     * @return a copy
     */
    public LlmResponse<T> withServiceTier(String tier) {
        return new LlmResponse<>(content, provider, model, tokens, costUsd, tier, kind, requestedModel, responseId);
    }

    /**
     * The same response with another kind of call.
     *
     * @param other what kind
     * @return a copy
     */
    public LlmResponse<T> withKind(String other) {
        return new LlmResponse<>(
                content, provider, model, tokens, costUsd, serviceTier, other, requestedModel, responseId);
    }

    /**
     * The same response with the model that was asked for.
     *
     * @param asked as the request names it; null when not known
     * @return a copy
     */
    public LlmResponse<T> withRequestedModel(String asked) {
        return new LlmResponse<>(content, provider, model, tokens, costUsd, serviceTier, kind, asked, responseId);
    }

    /**
     * The same response with the provider's id of it.
     *
     * @param id the provider's own id of the answer; null when not known
     * @return a copy
     */
    public LlmResponse<T> withResponseId(String id) {
        return new LlmResponse<>(content, provider, model, tokens, costUsd, serviceTier, kind, requestedModel, id);
    }
}
