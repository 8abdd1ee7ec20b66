package dev.tokentally.recording.spool;

import dev.tokentally.time.BackOff;
import java.time.Duration;
import java.time.Instant;

/**
 * Where the last frame of a refused record is, and the values that change most.
 *
 * @param at where the frame begins
 * @param size how long it is
 */
record RejectedEntry(long at, int size, Instant rejectedAt, int tries, Instant nextTry) {

    static final BackOff PAUSES = new BackOff(Duration.ofSeconds(2), Duration.ofHours(1));

    RejectedEntry(long at, int size, Rejected rejected) {
        this(at, size, rejected.rejectedAt(), rejected.tries(), rejected.nextTry());
    }

    /** If the clock was put back, the record must not wait for that time again. */
    boolean isDue(Instant now) {
        return nextTry != null && (!nextTry.isAfter(now) || nextTry.isAfter(now.plus(PAUSES.longest())));
    }

    Rejected as(Rejected read) {
        return new Rejected(read.call(), rejectedAt, tries, nextTry, read.until(), read.reason());
    }

    RejectedEntry movedTo(long place, int length) {
        return new RejectedEntry(place, length, rejectedAt, tries, nextTry);
    }

    /** The same record, due at this time. */
    RejectedEntry dueAt(Instant time) {
        return new RejectedEntry(at, size, rejectedAt, tries, time);
    }
}
