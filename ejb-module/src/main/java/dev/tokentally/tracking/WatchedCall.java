package dev.tokentally.tracking;

import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;
import java.lang.ref.Cleaner;

/**
 * The object that a caller gets for a call whose end may never be told, such as that of a cancelled stream. When this object is
 * garbage, no code can tell the end any more.
 */
final class WatchedCall implements OpenCall {

    private final RecordedCall call;
    private final Cleaner.Cleanable forgotten;

    /**
     * Watches a call.
     *
     * @param call the call
     * @param cleaner finds out when this object is garbage; null if nobody can
     * @param whenForgotten what to do then, and after the end of the call
     */
    WatchedCall(RecordedCall call, Cleaner cleaner, Runnable whenForgotten) {
        this.call = call;
        this.forgotten = cleaner == null ? whenForgotten::run : cleaner.register(this, whenForgotten);
    }

    @Override
    public void firstToken() {
        call.firstToken();
    }

    @Override
    public void mayBeBilled() {
        call.mayBeBilled();
    }

    @Override
    public void returned(LlmResponse<?> response) {
        call.returned(response);
        forgotten.clean();
    }

    @Override
    public void failed(Throwable thrown, LlmResponse<?> known) {
        call.failed(thrown, known);
        forgotten.clean();
    }

    @Override
    public CallScope.Handle enter() {
        return call.enter();
    }
}
