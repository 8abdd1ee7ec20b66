package dev.tokentally.time;

import java.time.Duration;

/**
 * Pauses between tries. Each is twice as long as the one before, up to a limit.
 *
 * @param first the pause after the first failure; positive
 * @param longest the limit; not shorter than the first pause
 */
public record BackOff(Duration first, Duration longest) {

    /** For work that asks the store again and again while the store is out of reach. */
    public static final BackOff STORE = new BackOff(Duration.ofMillis(250), Duration.ofSeconds(5));

    /** Enough to reach every limit from every first pause that makes sense, and too few to overflow. */
    private static final int MAX_DOUBLINGS = 30;

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException when the pauses would not grow to the limit
     */
    public BackOff {
        if (first.isZero() || first.isNegative() || first.compareTo(longest) > 0) {
            throw new IllegalArgumentException("pauses cannot grow from " + first + " to " + longest);
        }
    }

    /**
     * How long to wait before the next try.
     *
     * @param failures how many tries have failed in a row; at least 1
     * @return the pause
     */
    public Duration after(int failures) {
        Duration pause = first.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
        return pause.compareTo(longest) < 0 ? pause : longest;
    }
}
