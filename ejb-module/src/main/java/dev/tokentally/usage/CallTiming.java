package dev.tokentally.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * When a call was made and how long it took.
 *
 * @param startedAt when it started, by the wall clock, in microseconds
 * @param callDuration how long it took, by the monotonic clock; in whole milliseconds
 * @param firstToken the time until the first token of a streamed answer, in whole milliseconds; null if there was no
 *     such token
 */
public record CallTiming(Instant startedAt, Duration callDuration, Duration firstToken) {

    /**
     * Cuts the values to the precision that is stored.
     *
     * @throws NullPointerException when the start or the duration is null
     * @throws IllegalArgumentException when a duration is negative; the message names it
     */
    public CallTiming {
        startedAt = startedAt.truncatedTo(ChronoUnit.MICROS);
        callDuration = inMillis("callDuration", callDuration);
        firstToken = firstToken == null ? null : inMillis("firstToken", firstToken);
    }

    private static Duration inMillis(String field, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(field + " must not be negative: " + value);
        }
        return Duration.ofMillis(value.toMillis());
    }
}
