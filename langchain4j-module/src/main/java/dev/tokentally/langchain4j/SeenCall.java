package dev.tokentally.langchain4j;

import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What LangChain4j tells of a call, in our words. */
final class SeenCall {

    /** What says nothing of its own when it has a cause; LangChain4j wraps what it has no better name for in these. */
    private static final Set<Class<?>> WRAPPERS = Set.of(
            RuntimeException.class, LangChain4jException.class, CompletionException.class, ExecutionException.class);

    private static final int MAX_WRAPPERS = 10;

    /** What models are called in LangChain4j that do not say what they are called. */
    private static final String UNNAMED = "unknown";

    private SeenCall() {}

    /** What an answer says that it used; the model that was asked, which may be null, where it does not name one. */
    static LlmResponse<Void> answered(ModelProvider provider, String askedModel, ChatResponse response) {
        String model = response.modelName();
        return response(
                Kind.CHAT,
                ProviderName.of(provider),
                model == null || model.isBlank() ? askedModel : model,
                UsedTokens.of(response.tokenUsage()));
    }

    /** What is known of a chat that failed. */
    static LlmResponse<Void> failed(ModelProvider provider, String askedModel) {
        return failed(Kind.CHAT, provider, askedModel);
    }

    /** What is known of a call of another kind that failed. */
    static LlmResponse<Void> failed(Kind kind, ModelProvider provider, String askedModel) {
        return response(kind, ProviderName.of(provider), askedModel, null);
    }

    /** What a call of another kind used. */
    static LlmResponse<Void> used(
            Kind kind, ModelProvider provider, String model, dev.langchain4j.model.output.TokenUsage usage) {
        return used(kind, ProviderName.of(provider), model, UsedTokens.of(usage));
    }

    /**
     * What a call of another kind used.
     *
     * @param tokens null where LangChain4j does not tell any, as it is with most kinds
     */
    static LlmResponse<Void> used(Kind kind, String provider, String model, TokenUsage tokens) {
        return response(
                kind, provider, model, tokens == null ? TokenUsage.of(0, 0).with(UsageDoubt.INPUT_UNKNOWN) : tokens);
    }

    /** What is known of a call of another kind that failed. */
    static LlmResponse<Void> failed(Kind kind, String provider, String model) {
        return response(kind, provider, model, null);
    }

    /** What happened, without what was only wrapped around it. */
    static Throwable failure(Throwable thrown) {
        Throwable failure = thrown;
        for (int i = 0; i < MAX_WRAPPERS && WRAPPERS.contains(failure.getClass()) && failure.getCause() != null; i++) {
            failure = failure.getCause();
        }
        return failure;
    }

    private static LlmResponse<Void> response(Kind kind, String provider, String model, TokenUsage tokens) {
        String name = model == null || model.equals(UNNAMED) ? "" : model;
        return new LlmResponse<Void>(null, provider, name, tokens, null).withKind(kind.label());
    }
}
