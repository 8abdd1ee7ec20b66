package dev.tokentally.web.model;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;

/**
 * The model that answers while no provider is configured, so that a newcomer can try everything without an account. The same
 * question always gets the same answer; the tokens are counted by a real tokenizer and cost nothing.
 */
final class OfflineLlm implements LlmPort {

    @Override
    public <T> LlmResponse<T> complete(LlmRequest<T> request) {
        int systemTokens = request.systemMessage() == null ? 0 : TokenCounter.count(request.systemMessage());
        int userTokens = TokenCounter.count(request.userMessage());
        String content = "This is Tokentally's offline model: no provider is configured, so nothing was sent anywhere."
                + " Your message has " + userTokens + (userTokens == 1 ? " token." : " tokens.");
        return new LlmResponse<>(
                request.responseType().cast(content),
                "tokentally",
                "offline",
                TokenUsage.of(systemTokens + userTokens, TokenCounter.count(content)),
                0.0);
    }
}
