package dev.tokentally.langchain4j;

import dev.tokentally.llm.TokenUsage;
import dev.tokentally.scope.CallScope;
import dev.tokentally.tracking.CallTracker;
import java.util.function.Function;
import java.util.function.Supplier;

/** Records the calls of one model, which are answered on the thread that makes them. */
record TrackedCalls(CallTracker tracker, Kind kind, String provider, String model) {

    /** The calls for which another model is asked by its name; null for the same model. */
    TrackedCalls ofModel(String name) {
        return name == null ? this : new TrackedCalls(tracker, kind, provider, name);
    }

    /**
     * Makes a call.
     *
     * @param asking asks the model
     * @param used what the call used, as the answer says; null if it does not say
     * @return the answer
     */
    <T> T call(Supplier<T> asking, Function<T, TokenUsage> used) {
        return call(1, asking, answer -> new Told(null, used.apply(answer)));
    }

    /**
     * Makes a call.
     *
     * @param inputs how many things it asks about
     * @param asking asks the model
     * @param told what the answer says
     * @return the answer
     */
    <T> T call(int inputs, Supplier<T> asking, Function<T, Told> told) {
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
                Guarded.recorded(() -> call.seen().failed(provider, model, thrown, inputs));
            } catch (Throwable stackIsFull) {
                // The caller gets the model's own exception.
            }
            throw thrown;
        }
        try {
            call.inside().close();
            Told said = Guarded.said("its tokens", () -> answer == null ? null : told.apply(answer));
            String answering = said == null || said.model() == null ? model : said.model();
            TokenUsage tokens = said == null ? null : said.tokens();
            Guarded.recorded(() -> call.seen().answered(provider, answering, tokens));
        } catch (Throwable stackIsFull) {
            // The caller gets the answer.
        }
        return answer;
    }

    private Begun begin() {
        SeenOther seen = SeenOther.around(kind, tracker);
        return new Begun(seen, seen.call().enter());
    }

    /**
     * What an answer says.
     *
     * @param model the model that answered; null if the answer does not name it
     * @param tokens null if it does not say
     */
    record Told(String model, TokenUsage tokens) {}

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
