package dev.tokentally.usage;

import java.util.Objects;

/**
 * What a call used.
 *
 * @param provider the provider that ran the model; empty when unknown; at most {@value CallRecord#PROVIDER_LENGTH}
 *     characters
 * @param model the model that answered; empty when unknown; at most {@value CallRecord#MODEL_LENGTH} characters
 * @param tokens how much was used
 * @param serviceTier the tier in which the provider served the call; empty when not known; at most {@value
 *     CallRecord#SERVICE_TIER_LENGTH} characters
 * @param kind what kind of call it was; at most {@value CallRecord#KIND_LENGTH} characters
 * @param requestedModel the model that was asked for, though another may have answered; null when not known; at most
 *     {@value CallRecord#MODEL_LENGTH} characters
 */
public record CallUsage(
        String provider, String model, TokenCounts tokens, String serviceTier, String kind, String requestedModel) {

    /** The kind of a call that does not say its kind. */
    public static final String CHAT = "chat";

    /**
     * Refuses values that cannot be stored.
     *
     * @throws NullPointerException when a component other than the requested model is null; the message names it
     * @throws IllegalArgumentException when one does not fit its column; the message names it
     */
    public CallUsage {
        CallRecord.fits("provider", provider, CallRecord.PROVIDER_LENGTH);
        CallRecord.fits("model", model, CallRecord.MODEL_LENGTH);
        Objects.requireNonNull(tokens, "tokens");
        CallRecord.fits("serviceTier", serviceTier, CallRecord.SERVICE_TIER_LENGTH);
        CallRecord.fits("kind", kind, CallRecord.KIND_LENGTH);
        CallRecord.fitsOrNull("requestedModel", requestedModel, CallRecord.MODEL_LENGTH);
    }

    /**
     * The usage of a call whose requested model is not known.
     *
     * @param provider the provider that ran the model
     * @param model the model that answered
     * @param tokens how much was used
     * @param serviceTier the tier in which the provider served the call; empty when not known
     * @param kind what kind of call it was
     */
    public CallUsage(String provider, String model, TokenCounts tokens, String serviceTier, String kind) {
        this(provider, model, tokens, serviceTier, kind, null);
    }

    /**
     * The usage of a chat whose tier is not known.
     *
     * @param provider the provider that ran the model
     * @param model the model that answered
     * @param tokens how much was used
     */
    public CallUsage(String provider, String model, TokenCounts tokens) {
        this(provider, model, tokens, "", CHAT);
    }
}
