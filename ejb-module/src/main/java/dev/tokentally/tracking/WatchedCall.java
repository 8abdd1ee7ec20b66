package dev.tokentally.tracking;

import dev.tokentally.llm.LlmResponse;
import dev.tokentally.scope.CallScope;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

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

    // The virtual machine may take this object for garbage while its last method still runs. The call would then
    // be given up before its end is told. A fence keeps the object.

    @Override
    public void firstToken() {
        try {
            call.firstToken();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void mayBeBilled() {
        try {
            call.mayBeBilled();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void returned(LlmResponse<?> response) {
        try {
            call.returned(response);
            forgotten.clean();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void failed(Throwable thrown, LlmResponse<?> known) {
        try {
            call.failed(thrown, known);
            forgotten.clean();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public CallScope.Handle enter() {
        return call.enter();
    }
}
