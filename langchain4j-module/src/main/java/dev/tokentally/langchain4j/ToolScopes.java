package dev.tokentally.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.tokentally.scope.CallScope;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers in which scope a streaming model asked for tools. An AI service sends the results of the tools on the thread on which
 * the answer came, and this thread has no scope. The same answer object is among the messages before the results, so it shows which
 * conversation this is. Answers that are garbage are forgotten. Safe for use by many threads.
 */
final class ToolScopes {

    private final Map<Asking, CallScope.Snapshot> scopes = new ConcurrentHashMap<>();
    private final ReferenceQueue<AiMessage> forgotten = new ReferenceQueue<>();

    void remember(AiMessage asking, CallScope.Snapshot scope) {
        dropForgotten();
        scopes.put(new Asking(asking, forgotten), scope);
    }

    /** The scope of the earlier request. Its answer asked for the tools whose results are at the end of these messages. */
    Optional<CallScope.Snapshot> of(List<ChatMessage> messages) {
        dropForgotten();
        int at = messages.size() - 1;
        while (at >= 0 && messages.get(at) instanceof ToolExecutionResultMessage) {
            at--;
        }
        return at >= 0 && at < messages.size() - 1 && messages.get(at) instanceof AiMessage asking
                ? Optional.ofNullable(scopes.get(new Asking(asking, null)))
                : Optional.empty();
    }

    int size() {
        dropForgotten();
        return scopes.size();
    }

    private void dropForgotten() {
        for (Reference<?> gone = forgotten.poll(); gone != null; gone = forgotten.poll()) {
            scopes.remove(gone);
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
