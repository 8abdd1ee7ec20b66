package dev.tokentally.persistence;

import dev.tokentally.time.Ticker;
import java.time.Duration;

/**
 * Whether the store answers those who read. A read that got no turn cannot know it. It may have waited for reads that work, or for
 * reads that wait for the store themselves. A read that hangs after its first answer counts as one that works. Safe for use by many
 * threads.
 */
final class SignsOfLife {

    private final Duration patience;
    private final Ticker ticker;
    private int waiting;

    /** When the last sign came, or the first of those who wait began to wait if that was later. */
    private long since;

    /**
     * Nobody waits yet.
     *
     * @param patience how long the store may take for a first answer
     */
    SignsOfLife(Duration patience, Ticker ticker) {
        this.patience = patience;
        this.ticker = ticker;
    }

    /** A read begins to wait for the connection and the first answer. */
    synchronized void started() {
        if (waiting == 0) {
            since = ticker.nanoTime();
        }
        waiting++;
    }

    /** A read has its first answer. */
    synchronized void answered() {
        waiting--;
        since = ticker.nanoTime();
    }

    /** A read has failed without a first answer. */
    synchronized void failed() {
        waiting--;
    }

    /** Whether somebody waits for a first answer, and none came for too long. */
    synchronized boolean isSilent() {
        return waiting > 0 && ticker.nanoTime() - since >= patience.toNanos();
    }
}
