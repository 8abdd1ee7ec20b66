package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokentally.llm.TokenUsage;

/**
 * What the provider charges for.
 *
 * @param provider who; empty when unknown
 * @param model the model that answered, or that was asked where the answer does not say; empty when unknown
 * @param tokens what it used; null when unknown
 */
record Bill(String provider, String model, TokenUsage tokens) {

    /** Before the answer says more; {@code provider} is null for what the model says. */
    static Bill asked(ChatModel model, String provider) {
        ChatRequestParameters parameters = model.defaultRequestParameters();
        String name = parameters == null ? null : parameters.modelName();
        return new Bill(
                provider == null ? ProviderName.of(model.provider()) : provider, name == null ? "" : name, null);
    }

    Bill answered(ChatResponse response) {
        if (response == null) {
            return this;
        }
        String name = response.modelName();
        return new Bill(provider, name == null || name.isBlank() ? model : name, UsedTokens.of(response.tokenUsage()));
    }
}
