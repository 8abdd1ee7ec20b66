package dev.tokentally.recording;

import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallRecord;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The records that come to the spool, and how the drainer waits for them. One thread waits. Any thread may tell of a record, and may
 * ask the waiting thread to stop.
 */
final class Arrivals {

    private final Ticker ticker;
    private volatile Thread thread;
    private volatile CallRecord newest;
    private volatile boolean idle;
    private volatile boolean stopping;
    private volatile boolean hurried;

    Arrivals(Ticker ticker) {
        this.ticker = ticker;
    }

    /** From now on the calling thread is the one that waits. */
    void begin() {
        thread = Thread.currentThread();
    }

    void add(CallRecord record) {
        newest = record;
    }

    /** The last record that came; null before the first. */
    CallRecord newest() {
        return newest;
    }

    /**
     * Wakes the thread if it waits for a record. This costs a caller next to nothing otherwise. Returns whether the thread had to be
     * woken, which costs more.
     */
    boolean wake() {
        if (!idle) {
            return false;
        }
        LockSupport.unpark(thread);
        return true;
    }

    /** Ends each wait, and lets no other begin. */
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
    }

    boolean isStopping() {
        return stopping;
    }

    /** Ends the {@link #pause} that is under way, or the next one. */
    void hurry() {
        if (!hurried) {
            hurried = true;
            LockSupport.unpark(thread);
        }
    }

    /** Forgets that somebody was in a hurry. */
    void calm() {
        hurried = false;
    }

    boolean isHurried() {
        return hurried;
    }

    /** Waits for so long, whatever comes. */
    void sleep(Duration time) {
        ticker.sleep(this, time, () -> stopping);
    }

    /** Waits for so long, unless somebody is in a hurry. */
    void pause(Duration time) {
        ticker.sleep(this, time, () -> stopping || hurried);
    }

    /**
     * Waits until something has come. It may return earlier for no reason.
     *
     * @param nothingCame whether nothing has come yet
     * @param nanos how long at most
     */
    void await(BooleanSupplier nothingCame, long nanos) {
        idle = true;
        if (nothingCame.getAsBoolean() && nanos > 0 && !stopping) {
            ticker.park(this, nanos);
        }
        idle = false;
    }
}
