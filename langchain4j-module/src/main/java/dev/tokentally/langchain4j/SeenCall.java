package dev.tokentally.langchain4j;

import dev.langchain4j.exception.LangChain4jException;
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
    static LlmResponse<Void> answered(String provider, String askedModel, ChatResponse response, RawCall raw) {
        String model = response.modelName();
        return known(
                        Kind.CHAT,
                        provider,
                        model == null || model.isBlank() ? askedModel : model,
                        Used.of(provider, response, raw))
                .withRequestedModel(named(askedModel))
                .withResponseId(response.id());
    }

    /** What a call of another kind used. Most kinds do not tell any tokens, which is no fault of an adapter's. */
    static LlmResponse<Void> used(Kind kind, String provider, String model, Used used) {
        TokenUsage tokens = used.tokens() == null ? TokenUsage.of(0, 0).with(UsageDoubt.INPUT_UNKNOWN) : used.tokens();
        return known(kind, provider, model, new Used(tokens, used.serviceTier(), used.costUsd()));
    }

    /** What is known of a call, as of one that failed; {@code model} is the one that was asked, null when not known. */
    static LlmResponse<Void> known(Kind kind, String provider, String model, Used used) {
        String name = named(model);
        return new LlmResponse<Void>(null, provider, name == null ? "" : name, used.tokens(), used.costUsd())
                .withServiceTier(used.serviceTier())
                .withKind(kind.label())
                .withRequestedModel(name);
    }

    private static String named(String model) {
        return model == null || model.equals(UNNAMED) ? null : model;
    }

    /** What happened, without what was only wrapped around it. */
    static Throwable failure(Throwable thrown) {
        Throwable failure = thrown;
        for (int i = 0; i < MAX_WRAPPERS && WRAPPERS.contains(failure.getClass()) && failure.getCause() != null; i++) {
            failure = failure.getCause();
        }
        return failure;
    }
}
