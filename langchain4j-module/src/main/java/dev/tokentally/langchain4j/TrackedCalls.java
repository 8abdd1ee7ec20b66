package dev.tokentally.langchain4j;

import dev.tokentally.llm.TokenUsage;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import java.util.function.Function;
import java.util.function.Supplier;

/** Records the calls of one model, which are answered on the thread that makes them. */
record TrackedCalls(CallTracker tracker, Kind kind, String provider, String model) {

    /**
     * Makes a call.
     *
     * @param asking asks the model
     * @param used what the call used, as the answer says; null if it does not say
     * @return the answer
     */
    <T> T call(Supplier<T> asking, Function<T, TokenUsage> used) {
        Begun call = Guarded.begun(this::begin);
        if (call == null) {
            return asking.get();
        }
        T answer;
        try {
            answer = asking.get();
        } catch (Throwable thrown) {
            try {
                call.inside().close();
                Guarded.recorded(() -> call.seen().failed(provider, model, thrown, 1));
            } catch (Throwable stackIsFull) {
                // The caller gets the model's own exception.
            }
            throw thrown;
        }
        try {
            call.inside().close();
            TokenUsage tokens = Guarded.said("its tokens", () -> answer == null ? null : used.apply(answer));
            Guarded.recorded(() -> call.seen().answered(provider, model, tokens));
        } catch (Throwable stackIsFull) {
            // The caller gets the answer.
        }
        return answer;
    }

    private Begun begin() {
        SeenOther seen = SeenOther.begin(kind, tracker);
        return new Begun(seen, seen.call().enter());
    }

    /**
     * A call that has begun.
     *
     * @param inside to be closed when the model has been asked
     */
    private record Begun(SeenOther seen, CallScope.Handle inside) {}

    /** Makes a call whose answer does not say what it used. */
    <T> T call(Supplier<T> asking) {
        return call(asking, answer -> null);
    }
}
