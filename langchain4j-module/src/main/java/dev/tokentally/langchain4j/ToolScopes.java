package dev.tokentally.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.tokentally.scope.CallScope;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Remembers in which scope a streaming model asked for tools. An AI service sends the results of the tools on the thread on which
 * the answer came, and this thread has no scope. The same answer object is among the messages before the results, so it shows which
 * conversation this is. A model that caches its answers may give the same object to calls in different scopes. Such an object no
 * longer shows it. Answers that are garbage are forgotten. Safe for use by many threads.
 */
final class ToolScopes {

    private static final Logger LOG = QuietLog.of(ToolScopes.class);

    /** Stands in the place of the scope for an answer that calls in different scopes got. */
    private static final Place SEVERAL = new Place(null, null);

    private final Map<Asking, Place> places = new ConcurrentHashMap<>();
    private final ReferenceQueue<AiMessage> forgotten = new ReferenceQueue<>();
    private final AtomicBoolean told = new AtomicBoolean();

    void remember(AiMessage asking, Place place) {
        dropForgotten();
        places.merge(new Asking(asking, forgotten), place, (earlier, now) -> earlier.isSameAs(now) ? now : SEVERAL);
    }

    /**
     * Where the earlier request was made. Its answer asked for the tools whose results are at the end of these messages. Empty if
     * that is not known.
     */
    Optional<Place> of(List<ChatMessage> messages) {
        dropForgotten();
        int at = messages.size() - 1;
        while (at >= 0 && messages.get(at) instanceof ToolExecutionResultMessage) {
            at--;
        }
        Place place = at >= 0 && at < messages.size() - 1 && messages.get(at) instanceof AiMessage asking
                ? places.get(new Asking(asking, null))
                : null;
        if (place != SEVERAL) {
            return Optional.ofNullable(place);
        }
        if (!told.getAndSet(true)) {
            LOG.log(
                    Level.WARNING,
                    "A model gave the same answer object to calls in different scopes. So the module cannot tell for which of"
                            + " them tool results are sent, and does not record these requests. Wrap the streaming model in a "
                            + TrackedStreamingChatModel.class.getSimpleName()
                            + ", or let the model make a new answer for each call");
        }
        return Optional.empty();
    }

    int size() {
        dropForgotten();
        return places.size();
    }

    private void dropForgotten() {
        for (Reference<?> gone = forgotten.poll(); gone != null; gone = forgotten.poll()) {
            places.remove(gone);
        }
    }

    /**
     * Where a request was made.
     *
     * @param snapshot takes the scope to other threads
     * @param scope says which scope it is
     */
    record Place(CallScope.Snapshot snapshot, CallScope.Current scope) {

        /** Null outside a call scope. */
        static Place here(CallScope scopes) {
            return scopes.current()
                    .map(scope -> new Place(scopes.capture(), scope))
                    .orElse(null);
        }

        boolean isSameAs(Place other) {
            return this != SEVERAL && scope.isSameAs(other.scope);
        }
    }

    /**
     * An answer, compared by identity. Its equals compares the content, and the models of two tenants may give the same content.
     */
    private static final class Asking extends WeakReference<AiMessage> {

        private final int hash;

        Asking(AiMessage answer, ReferenceQueue<AiMessage> whenForgotten) {
            super(answer, whenForgotten);
            this.hash = System.identityHashCode(answer);
        }

        @Override
        public boolean equals(Object other) {
            return this == other || other instanceof Asking that && get() != null && get() == that.get();
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
