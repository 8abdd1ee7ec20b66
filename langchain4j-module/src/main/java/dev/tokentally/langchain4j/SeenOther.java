package dev.tokentally.langchain4j;

import dev.tokentally.llm.TokenUsage;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.OpenCall;

/**
 * A call of another kind than chat that has begun, and what was seen of it below LangChain4j. Ends once.
 *
 * @param call what is told how it ends
 * @param raw what the HTTP client sees of it
 */
record SeenOther(Kind kind, OpenCall call, RawCall raw) {

    /** A listener is told of a call. */
    static SeenOther begin(Kind kind, CallTracker tracker) {
        return new SeenOther(kind, tracker.begin(kind.label()), RawCall.ofOtherKind(kind, false));
    }

    /** A wrapper makes a call, which also stands for what a listener of the model inside is told. */
    static SeenOther around(Kind kind, CallTracker tracker) {
        return new SeenOther(kind, tracker.begin(kind.label()), RawCall.ofOtherKind(kind, true));
    }

    /** An answer is there; {@code told} is its usage as LangChain4j gives it, null if it gives none. */
    void answered(String provider, String model, TokenUsage told) {
        raw.end();
        call.returned(SeenCall.used(kind, provider, model, used(provider, told)));
    }

    /**
     * A model may send several requests, whose usage LangChain4j adds up. If the provider counts more than that, LangChain4j has
     * repeated a request whose answer it could not use.
     */
    private Used used(String provider, TokenUsage told) {
        if (!raw.isRepeated()) {
            return Used.of(provider, raw.usage(), () -> byClass(told));
        }
        Used all = Used.ofAll(provider, raw);
        if (all.tokens() == null) {
            return byClass(told).incomplete();
        }
        boolean isAll =
                !raw.isBroken() && told != null && told.input() >= all.tokens().input();
        return isAll ? byClass(told) : all;
    }

    /** LangChain4j's classes do not say how many of the tokens are an image or sound, which cost more than those of texts. */
    private Used byClass(TokenUsage told) {
        Used used = new Used(told, "", null);
        return kind == Kind.IMAGE || kind == Kind.AUDIO ? used.incomplete() : used;
    }

    /**
     * The call failed, so there is no answer.
     *
     * @param inputs how many things it asks about. A model may send them in several requests, of which some were answered
     */
    void failed(String provider, String model, Throwable thrown, int inputs) {
        raw.end();
        boolean isPartOpen = raw.isWatched() ? raw.isBroken() : !SeenCall.isUnconnected(thrown);
        if (raw.isAnswered() || raw.isGivenUp() || inputs > 1 && isPartOpen) {
            call.mayBeBilled();
        }
        call.failed(SeenCall.failure(thrown), SeenCall.known(kind, provider, model, Used.ofAll(provider, raw)));
    }
}
