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
        SeenOther call = SeenOther.begin(kind, tracker);
        T answer;
        try (CallScope.Handle inside = call.call().enter()) {
            answer = asking.get();
        } catch (Throwable thrown) {
            call.failed(provider, model, thrown);
            throw thrown;
        }
        call.answered(provider, model, answer == null ? null : used.apply(answer));
        return answer;
    }

    /** Makes a call whose answer does not say what it used. */
    <T> T call(Supplier<T> asking) {
        return call(asking, answer -> null);
    }
}
