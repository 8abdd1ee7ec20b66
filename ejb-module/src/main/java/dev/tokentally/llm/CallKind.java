package dev.tokentally.llm;

import java.util.Set;

/** What is known of a kind of call. */
public final class CallKind {

    /** The kinds whose calls have an input only. The dashboard's {@code price.js} names them too. */
    public static final Set<String> WITHOUT_OUTPUT = Set.of("embedding", "moderation", "rerank");

    private CallKind() {}

    /**
     * Whether calls of a kind may have an output.
     *
     * @param kind the kind, in lower case; null for a chat
     * @return true for every kind that is not known to have none
     */
    public static boolean hasOutput(String kind) {
        return kind == null || !WITHOUT_OUTPUT.contains(kind);
    }
}
