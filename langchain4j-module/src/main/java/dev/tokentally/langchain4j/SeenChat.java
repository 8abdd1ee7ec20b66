package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokentally.tracking.OpenCall;

/**
 * A chat that has begun, and what was seen of it below LangChain4j. Ends once, on any thread.
 *
 * @param call the call to which the end is reported
 * @param raw what the HTTP client sees of it
 * @param unmapped the parts of a streamed answer that LangChain4j ignores; the answer says more than these
 */
record SeenChat(OpenCall call, RawCall raw, RawCall unmapped) {

    SeenChat(OpenCall call, RawCall raw) {
        this(call, raw, new RawCall());
    }

    /** An answer is there; {@code askedModel} is null when not known. */
    void answered(ModelProvider provider, String askedModel, ChatResponse response) {
        raw.end();
        String who = ModelProviderName.of(provider);
        if (BlockedPrompt.is(response, raw)) {
            Used used = Used.of(who, response, raw);
            if (used.tokens() == null) {
                used = unmapped.usage().flatMap(usage -> Used.of(who, usage)).orElse(used);
            }
            call.failed(
                    BlockedPrompt.failure(),
                    SeenCall.known(Kind.CHAT, who, askedModel, used).withResponseId(response.id()));
        } else {
            call.returned(SeenCall.answered(who, askedModel, response, raw));
        }
    }

    /** The call failed, so there is no answer. */
    void failed(ModelProvider provider, String askedModel, Throwable thrown) {
        raw.end();
        String who = ModelProviderName.of(provider);
        Throwable failure = SeenCall.failure(thrown);
        call.failed(
                BlockedPrompt.is(failure, who) ? BlockedPrompt.failure() : failure,
                SeenCall.known(Kind.CHAT, who, askedModel, Used.ofFailed(who, raw)));
    }
}
