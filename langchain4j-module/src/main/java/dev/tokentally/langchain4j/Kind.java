package dev.tokentally.langchain4j;

import java.util.Locale;

/** What kinds of calls LangChain4j's models make, as our rows name them. */
enum Kind {
    CHAT,
    EMBEDDING,
    MODERATION,
    RERANK,
    IMAGE,
    AUDIO;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
