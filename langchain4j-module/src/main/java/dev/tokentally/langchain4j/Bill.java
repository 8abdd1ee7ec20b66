package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokentally.llm.TokenUsage;

/** What the provider charges for. */
record Bill(String provider, String model, TokenUsage tokens) {

    /** Something was answered, but it does not say what it used. */
    static final Bill UNKNOWN = new Bill("", "", TokenUsage.of(0, 0));

    /** TODO theirs */
    static Bill of(ChatResponse response, ChatModel model, String provider) {
        var usage = response == null ? null : response.tokenUsage();
        return new Bill(
                provider != null ? provider : model.provider() == ModelProvider.OPEN_AI ? "openai" : "",
                response == null || response.modelName() == null ? "" : response.modelName(),
                usage == null ? TokenUsage.of(0, 0) : TokenUsage.of(usage.inputTokenCount(), usage.outputTokenCount()));
    }
}
