package dev.tokentally.usage;

import java.util.Objects;

/**
 * What a call used.
 *
 * @param provider who ran the model; empty when unknown; at most {@value CallRecord#PROVIDER_LENGTH} characters
 * @param model which model answered; empty when unknown; at most {@value CallRecord#MODEL_LENGTH} characters
 * @param tokens how much
 * @param serviceTier the tier in which the provider served the call; empty when not told; at most {@value
 *     CallRecord#SERVICE_TIER_LENGTH} characters
 * @param kind what kind of call it was; at most {@value CallRecord#KIND_LENGTH} characters
 * @param requestedModel which model was asked for, though another may have answered; null when not told; at most {@value
 *     CallRecord#MODEL_LENGTH} characters
 */
public record CallUsage(
        String provider, String model, TokenCounts tokens, String serviceTier, String kind, String requestedModel) {

    /** The kind of a call that does not say its kind. */
    public static final String CHAT = "chat";

    /**
     * Refuses what could not be stored.
     *
     * @throws NullPointerException when a component is null; the message names it
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
     * The usage of a call of which nobody told what model it asked for.
     *
     * @param provider who ran the model
     * @param model which model answered
     * @param tokens how much
     * @param serviceTier the tier in which the provider served the call; empty when not told
     * @param kind what kind of call it was
     */
    public CallUsage(String provider, String model, TokenCounts tokens, String serviceTier, String kind) {
        this(provider, model, tokens, serviceTier, kind, null);
    }

    /**
     * The usage of a chat in a tier that is not told.
     *
     * @param provider who ran the model
     * @param model which model answered
     * @param tokens how much
     */
    public CallUsage(String provider, String model, TokenCounts tokens) {
        this(provider, model, tokens, "", CHAT);
    }
}
