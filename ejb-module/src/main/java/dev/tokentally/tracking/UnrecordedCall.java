package dev.tokentally.tracking;

import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;

/** A call that has no record: one outside a call scope, or a part of another call. */
enum UnrecordedCall implements OpenCall {
    INSTANCE;

    @Override
    public void firstToken() {
        // Nothing is recorded.
    }

    @Override
    public void mayBeBilled() {
        // Nothing is recorded.
    }

    @Override
    public void returned(LlmResponse<?> response) {
        // Nothing is recorded.
    }

    @Override
    public void failed(Throwable thrown, LlmResponse<?> known) {
        // Nothing is recorded.
    }

    @Override
    public CallScope.Handle enter() {
        return () -> {};
    }
}
