package dev.tokentally.langchain4j;

import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.text.CauseChain;
import dev.tokentally.tracking.NeverConnected;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What LangChain4j tells about a call, in our types. */
final class SeenCall {

    /** Exceptions that add nothing to their cause. LangChain4j wraps other exceptions in these if it has no better class. */
    private static final Set<Class<?>> WRAPPERS = Set.of(
            RuntimeException.class, LangChain4jException.class, CompletionException.class, ExecutionException.class);

    private static final int MAX_WRAPPERS = 10;

    /** The name in LangChain4j of models that do not give their name. */
    private static final String UNNAMED = "unknown";

    private SeenCall() {}

    /** What a call used, as the answer says. If the answer names no model, this has the model that was asked, which may be null. */
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

    /** What a call of another kind used. Most kinds give no tokens, and that is no fault of an adapter. */
    static LlmResponse<Void> used(Kind kind, String provider, String model, Used used) {
        TokenUsage tokens = used.tokens() == null ? TokenUsage.of(0, 0).with(UsageDoubt.INPUT_UNKNOWN) : used.tokens();
        return known(kind, provider, model, new Used(tokens, used.serviceTier(), used.costUsd()));
    }

    /**
     * What is known about a call, for example about one that failed; {@code model} is the one that was asked, null when not known.
     */
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

    /** The real failure, without exceptions that only wrap it. A model may give null to a handler, against its contract. */
    static Throwable failure(Throwable thrown) {
        Throwable failure = thrown == null ? new NullPointerException() : thrown;
        for (int i = 0; i < MAX_WRAPPERS && WRAPPERS.contains(failure.getClass()) && failure.getCause() != null; i++) {
            failure = failure.getCause();
        }
        return failure;
    }

    /** Whether there was no connection for a request, so that the provider charges nothing for it. */
    static boolean isUnconnected(Throwable thrown) {
        return CauseChain.of(thrown).stream().anyMatch(NeverConnected::says);
    }
}
