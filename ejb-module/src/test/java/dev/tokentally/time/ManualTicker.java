package dev.tokentally.time;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A clock whose time only moves when the test moves it. A thread that waits by it waits until then. */
public final class ManualTicker implements Ticker {

    private final AtomicLong now = new AtomicLong();
    private final Map<Thread, Long> waiting = new ConcurrentHashMap<>();
    private final List<Duration> waits = new CopyOnWriteArrayList<>();
    private final ThreadLocal<Long> seen = ThreadLocal.withInitial(now::get);
    private final boolean passesByItself;

    private ManualTicker(boolean passesByItself) {
        this.passesByItself = passesByItself;
    }

    /** A clock whose time stands still until {@link #advance}. */
    public static ManualTicker standing() {
        return new ManualTicker(false);
    }

    /** A clock whose time moves at once when somebody waits, by the length of the wait. */
    public static ManualTicker passing() {
        return new ManualTicker(true);
    }

    @Override
    public long nanoTime() {
        seen.set(now.get());
        return seen.get();
    }

    @Override
    public void park(Object blocker, long nanos) {
        waits.add(Duration.ofNanos(nanos));
        if (passesByItself) {
            now.addAndGet(nanos);
            return;
        }
        // The time may have moved since the thread read it.
        long until = seen.get() + nanos;
        waiting.put(Thread.currentThread(), until);
        if (now.get() - until < 0) {
            LockSupport.park(blocker);
        }
        waiting.remove(Thread.currentThread());
    }

    /** Moves the time, and wakes all who wait so that they look at it. */
    public void advance(Duration time) {
        now.addAndGet(time.toNanos());
        waiting.keySet().forEach(LockSupport::unpark);
    }

    /** The longest wait at the moment; zero if nobody waits. */
    public Duration longestWait() {
        long longest = 0;
        for (long until : waiting.values()) {
            longest = Math.max(longest, until - now.get());
        }
        return Duration.ofNanos(longest);
    }

    /** The lengths of all waits, in their order. */
    public List<Duration> waits() {
        return List.copyOf(waits);
    }
}
