package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;

/**
 * What is known of a call's usage, for which the provider charges.
 *
 * @param provider the provider; empty when unknown
 * @param model the model that answered, or that was asked if the answer does not name one; empty when unknown
 * @param used what the call used
 * @param requestedModel the model that was asked; empty when unknown
 * @param responseId the provider's id of its answer; null when not known
 */
record KnownUsage(String provider, String model, Used used, String requestedModel, String responseId) {

    /** What is known before the answer says more. If {@code provider} is null, the model names it. */
    static KnownUsage asked(ChatModel model, String provider) {
        ChatRequestParameters parameters = Guarded.said("its model's defaults", model::defaultRequestParameters);
        String name = parameters == null ? null : parameters.modelName();
        return new KnownUsage(
                provider == null ? ModelProviderName.of(Guarded.said("its provider", model::provider)) : provider,
                name == null ? "" : name,
                Used.UNKNOWN,
                name == null ? "" : name,
                null);
    }

    KnownUsage answered(ChatResponse response, RawCall raw) {
        KnownUsage read = response == null ? null : Guarded.said("its model and its tokens", () -> read(response, raw));
        return read == null ? failed(raw) : read;
    }

    private KnownUsage read(ChatResponse response, RawCall raw) {
        String name = response.modelName();
        return new KnownUsage(
                provider,
                name == null || name.isBlank() ? model : name,
                Used.of(provider, response, raw),
                requestedModel,
                response.id());
    }

    /** What is known if LangChain4j could not turn the provider's answer into a response, or if the response cannot be read. */
    KnownUsage failed(RawCall raw) {
        return new KnownUsage(provider, model, Used.ofAll(provider, raw), requestedModel, null);
    }
}
