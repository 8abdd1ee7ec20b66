package dev.tokentally.recording;

/** How one round of the drainer went. */
enum Round {
    /** It made progress, or there is something else to try at once. */
    GOES_ON,
    /** It made no progress, but the store has answered. So a new record need not wait for the whole pause. */
    ANSWERED,
    /** The store has answered, and refused each record that waits. The next round begins the batch again. */
    ALL_REFUSED,
    /** It made no progress, and the store has not answered, or was not asked. */
    UNANSWERED;

    /** Whether the store has answered, although the round made no progress. */
    boolean isAnswered() {
        return this == ANSWERED || this == ALL_REFUSED;
    }
}
