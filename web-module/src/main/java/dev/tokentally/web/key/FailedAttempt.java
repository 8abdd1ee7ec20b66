package dev.tokentally.web.key;

import dev.tokentally.web.key.Failures.Telling;
import java.util.concurrent.TimeUnit;

/**
 * A request without a right key, after it was counted.
 *
 * @param waitNanos how long the address must wait before its next try; 0 if it has not made too many
 * @param line the line for the log about it
 * @param untoldBefore how many attempts, from any address, were not logged since the last logged one
 */
record FailedAttempt(long waitNanos, Line line, long untoldBefore) {

    boolean isOneTooMany() {
        return waitNanos > 0;
    }

    /** The value of the header Retry-After: rounded up, and at least 1. */
    long retryAfterSeconds() {
        long second = TimeUnit.SECONDS.toNanos(1);
        return Math.max(1, (waitNanos + second - 1) / second);
    }

    /** What the log says about the request. */
    enum Line {
        /** Who wanted what, and what was wrong. */
        ATTEMPT,
        /** That this address has reached its limit. */
        ADDRESS_HAS_TOO_MANY,
        /** That all addresses together have reached the limit of the log. */
        ALL_HAVE_TOO_MANY,
        /** Nothing. */
        NONE;

        static Line of(Telling ofAddress, Telling ofAll) {
            return switch (ofAll) {
                case NOTHING -> NONE;
                case LIMIT -> ALL_HAVE_TOO_MANY;
                case ATTEMPT -> ofAddress == Telling.LIMIT ? ADDRESS_HAS_TOO_MANY : ATTEMPT;
            };
        }
    }
}
