package dev.tokentally.time;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A clock that never goes back, and the waiting by this clock. A test has one whose time it moves itself, so that it need not
 * sleep. Dates come from a {@link java.time.Clock}. Safe for use by many threads.
 */
@FunctionalInterface
public interface Ticker {

    /** The clock of the machine. */
    Ticker SYSTEM = System::nanoTime;

    /**
     * The time. Only the difference between two times means something.
     *
     * @return nanoseconds
     */
    long nanoTime();

    /**
     * Waits until the time has passed or somebody unparks the thread. Like {@link LockSupport#parkNanos(Object, long)}, it may
     * return earlier for no reason.
     *
     * @param blocker who waits, for those who look at threads
     * @param nanos how long at most
     */
    default void park(Object blocker, long nanos) {
        LockSupport.parkNanos(blocker, nanos);
    }

    /**
     * Waits until the time has passed or the thread is to stop. Whoever asks it to stop unparks it. An interrupt is dropped, since
     * it is meant for another kind of waiting. If it were kept, the thread could not wait any more.
     *
     * @param blocker who waits, for those who look at threads
     * @param time how long
     * @param stopping whether the thread is to stop
     */
    default void sleep(Object blocker, Duration time, BooleanSupplier stopping) {
        long until = nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0 && !stopping.getAsBoolean(); left = until - nanoTime()) {
            Thread.interrupted();
            park(blocker, left);
        }
    }
}
