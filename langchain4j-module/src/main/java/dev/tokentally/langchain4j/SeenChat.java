package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.tracking.OpenCall;

/**
 * A chat that has begun, and what was seen of it below LangChain4j. Ends once, on any thread.
 *
 * @param call the call to which the end is reported
 * @param raw what the HTTP client sees of it
 * @param unmapped the events of a streamed answer that LangChain4j ignores; they are read only if the answer itself has no usage
 */
record SeenChat(OpenCall call, RawCall raw, RawCall unmapped) {

    SeenChat(OpenCall call, RawCall raw) {
        this(call, raw, new RawCall());
    }

    /**
     * An answer is there. If it cannot be read, the row has what the HTTP client has seen.
     *
     * @param askedModel null when not known
     * @param response a model may give null to a handler, against its contract
     */
    void answered(ModelProvider provider, String askedModel, ChatResponse response) {
        raw.end();
        String who = ModelProviderName.of(provider);
        boolean isBlocked = response != null
                && Boolean.TRUE.equals(Guarded.said("the reason of its end", () -> BlockedPrompt.is(response, raw)));
        LlmResponse<Void> told = response == null
                ? null
                : Guarded.said(
                        "its model and its tokens",
                        () -> isBlocked
                                ? blocked(who, askedModel, response)
                                : SeenCall.answered(who, askedModel, response, raw));
        LlmResponse<Void> known =
                told == null ? SeenCall.known(Kind.CHAT, who, askedModel, seen(who, raw, Used.UNKNOWN)) : told;
        Guarded.recorded(() -> {
            if (isBlocked) {
                call.failed(BlockedPrompt.failure(), known);
            } else {
                call.returned(known);
            }
        });
    }

    private LlmResponse<Void> blocked(String who, String askedModel, ChatResponse response) {
        Used used = Used.of(who, response, raw);
        return SeenCall.known(Kind.CHAT, who, askedModel, used.tokens() == null ? seen(who, unmapped, used) : used)
                .withResponseId(response.id());
    }

    private static Used seen(String who, RawCall raw, Used otherwise) {
        Used used = Used.of(who, raw.usage(), () -> otherwise);
        return raw.isRepeated() ? used.withoutTheRest() : used;
    }

    /**
     * The call failed, so there is no answer.
     *
     * @param streamed whether the answer would have been streamed
     */
    void failed(ModelProvider provider, String askedModel, Throwable thrown, boolean streamed) {
        String who = ModelProviderName.of(provider);
        Guarded.recorded(() -> {
            raw.end();
            if (raw.hasBegun() || raw.isAnswered() || raw.isGivenUp() || streamed && CutStream.is(thrown)) {
                call.mayBeBilled();
            }
            Throwable failure = SeenCall.failure(thrown);
            call.failed(
                    Boolean.TRUE.equals(Guarded.said("its failure's origin", () -> BlockedPrompt.is(failure, who)))
                            ? BlockedPrompt.failure()
                            : failure,
                    SeenCall.known(Kind.CHAT, who, askedModel, Used.ofAll(who, raw)));
        });
    }
}
