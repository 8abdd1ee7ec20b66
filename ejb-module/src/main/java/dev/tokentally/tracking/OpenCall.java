package dev.tokentally.tracking;

import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;

/**
 * A call to a model that has begun. The first end is recorded, and any later one is ignored. It may be used on any thread, not only
 * on the one where the call began. It never throws.
 *
 * <p>If the call ends on the thread and in the scope in which it began, it is recorded as {@code tokentally.recording.mode} says.
 * On any other thread, or when that scope is closed, an HTTP client may need the thread. So nothing waits for the store there.
 */
public interface OpenCall {

    /** The first part of a streamed answer has arrived. Calls for later parts change nothing. */
    void firstToken();

    /**
     * The provider may charge for the call even if it fails, since it has begun to answer or may have. If the call then fails and
     * its tokens are not known, its cost source is {@code maybe-billed}. {@link #firstToken()} says the same.
     */
    void mayBeBilled();

    /**
     * The call has returned.
     *
     * @param response the answer and its usage; impossible values are corrected
     */
    void returned(LlmResponse<?> response);

    /**
     * The call has failed.
     *
     * @param thrown the exception; not null. A {@link dev.tokentally.llm.BilledFailure} still says what the call costs
     */
    default void failed(Throwable thrown) {
        failed(thrown, null);
    }

    /**
     * The call has failed, and something is known of it.
     *
     * @param thrown the exception; not null. A {@link dev.tokentally.llm.BilledFailure} takes precedence over the next parameter
     * @param known what is known of provider, model, tokens and cost, each null when it is not; may be null itself
     */
    void failed(Throwable thrown, LlmResponse<?> known);

    /**
     * Says that requests from here on are a part of this call and not recorded by themselves. A call of a recorded {@code LlmPort}
     * has its own record all the same. It holds on this thread, in scopes that are entered on it, and on threads to which these
     * scopes are taken.
     *
     * @return the handle to close on this thread when the call has been made, even if the call has not ended
     */
    CallScope.Handle enter();
}
