package dev.tokentally.web.key;

import java.time.Duration;

/**
 * The failed attempts of one source. The source may make a certain number of attempts at once. One attempt is forgotten every three
 * seconds. When there were too many, the log has no more lines about the source until all its attempts are forgotten. Otherwise a
 * source that tries for hours would cause a line every three seconds. Not safe for use by many threads.
 */
final class Failures {

    /** The time after which one more failure is forgotten, in nanoseconds. */
    static final long FORGOTTEN_AFTER = Duration.ofSeconds(3).toNanos();

    private final long most;

    /** The time, by the monotonic clock, at which all failures are forgotten. */
    private long forgottenAt;

    private boolean quiet;

    Failures(int allowed, long now) {
        this.most = allowed * FORGOTTEN_AFTER;
        this.forgottenAt = now;
    }

    /** Counts one more failure. Once there are too many, further ones do not count. */
    Verdict another(long now) {
        long held = Math.max(0, forgottenAt - now);
        if (held == 0) {
            quiet = false;
        }
        long excess = Math.max(0, held + FORGOTTEN_AFTER - most);
        if (excess == 0) {
            forgottenAt = now + held + FORGOTTEN_AFTER;
        }
        if (quiet) {
            return new Verdict(excess, Telling.NOTHING);
        }
        quiet = excess > 0;
        return new Verdict(excess, quiet ? Telling.LIMIT : Telling.ATTEMPT);
    }

    /** What the log says about an attempt. */
    enum Telling {
        /** That it was made. */
        ATTEMPT,
        /** That it is one too many, and that further ones are not logged. */
        LIMIT,
        /** Nothing. */
        NOTHING
    }

    /**
     * The verdict on an attempt.
     *
     * @param waitNanos how long the source must wait before its next attempt; 0 if it need not wait
     * @param telling what the log says
     */
    record Verdict(long waitNanos, Telling telling) {}
}
