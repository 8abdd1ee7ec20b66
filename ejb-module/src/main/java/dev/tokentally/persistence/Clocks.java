package dev.tokentally.persistence;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The clocks that tell how old something is that a node has read. There are two, since {@link System#nanoTime} may stand still while
 * the machine sleeps, and the wall clock may be put back. Safe for use by many threads.
 */
record Clocks(LongSupplier nanos, LongSupplier millis) {

    static final Clocks SYSTEM = new Clocks(System::nanoTime, System::currentTimeMillis);

    Moment now() {
        return new Moment(nanos.getAsLong(), millis.getAsLong());
    }

    /** How long ago the moment was: the larger one of the two clocks' answers. */
    Duration since(Moment moment) {
        Duration monotonic = Duration.ofNanos(nanos.getAsLong() - moment.nanos);
        Duration wall = Duration.ofMillis(millis.getAsLong() - moment.millis);
        return monotonic.compareTo(wall) > 0 ? monotonic : wall;
    }

    /** An instant by both clocks. */
    record Moment(long nanos, long millis) {}
}
