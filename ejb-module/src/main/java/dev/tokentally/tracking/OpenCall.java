package dev.tokentally.tracking;

import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;

/**
 * A call to a model that has begun. It ends once: the first end is recorded, and any other is ignored. May be used on
 * any thread, other than the one that it began on too, and throws nothing whatever happens.
 *
 * <p>An end on the thread and in the scope that the call began in is recorded as {@code tokentally.recording.mode} says.
 * On any other thread, or when that scope is closed, the thread may be one that an HTTP client needs: nothing waits for
 * the store there.
 */
public interface OpenCall {

    /** The first part of a streamed answer is here; those after it may be told too, and change nothing. */
    void firstToken();

    /**
     * The call has returned.
     *
     * @param response the answer with what it used; what cannot be in it is put right
     */
    void returned(LlmResponse<?> response);

    /**
     * The call has failed.
     *
     * @param thrown why; not null. A {@link dev.tokentally.llm.BilledFailure} tells what the call costs all the same
     */
    default void failed(Throwable thrown) {
        failed(thrown, null);
    }

    /**
     * The call has failed, and something is known of it.
     *
     * @param thrown why; not null. A {@link dev.tokentally.llm.BilledFailure} knows better than the next parameter
     * @param known what is known of provider, model, tokens and cost, each null when it is not; may be null itself
     */
    void failed(Throwable thrown, LlmResponse<?> known);

    /**
     * Says that what is asked from here on is a part of this call and not to be recorded by itself, other than calls of
     * an {@code LlmPort} that is recorded: on this thread, in scopes that are entered on it, and wherever they are taken
     * along.
     *
     * @return to be closed on this thread when the call has been made, though it may not have ended
     */
    CallScope.Handle enter();
}
