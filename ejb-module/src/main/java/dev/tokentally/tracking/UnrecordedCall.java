package dev.tokentally.tracking;

import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;

/** A call that has no record. */
enum UnrecordedCall implements OpenCall {
    /** A part of another call, or a call whose scope cannot be read. */
    PART {
        @Override
        public CallScope.Handle enter() {
            return () -> {};
        }
    },
    /** A call outside a call scope, which was counted. */
    WITHOUT_SCOPE {
        @Override
        public CallScope.Handle enter() {
            return UnscopedCall.enter();
        }
    };

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
}
