package dev.tokentally.langchain4j;

import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What LangChain4j tells of a call, in our words. */
final class SeenCall {

    /** What says nothing of its own when it has a cause; LangChain4j wraps what it has no better name for in these. */
    private static final Set<Class<?>> WRAPPERS = Set.of(
            RuntimeException.class, LangChain4jException.class, CompletionException.class, ExecutionException.class);

    private static final int MAX_WRAPPERS = 10;

    private SeenCall() {}

    /** What an answer says that it used; the model that was asked, which may be null, where it does not name one. */
    static LlmResponse<Void> answered(ModelProvider provider, String askedModel, ChatResponse response) {
        String model = response.modelName();
        return used(
                provider, model == null || model.isBlank() ? askedModel : model, UsedTokens.of(response.tokenUsage()));
    }

    /** What is known of a call that failed. */
    static LlmResponse<Void> failed(ModelProvider provider, String askedModel) {
        return used(provider, askedModel, null);
    }

    /** What happened, without what was only wrapped around it. */
    static Throwable failure(Throwable thrown) {
        Throwable failure = thrown;
        for (int i = 0; i < MAX_WRAPPERS && WRAPPERS.contains(failure.getClass()) && failure.getCause() != null; i++) {
            failure = failure.getCause();
        }
        return failure;
    }

    private static LlmResponse<Void> used(ModelProvider provider, String model, TokenUsage tokens) {
        return new LlmResponse<>(null, ProviderName.of(provider), model == null ? "" : model, tokens, null);
    }
}
