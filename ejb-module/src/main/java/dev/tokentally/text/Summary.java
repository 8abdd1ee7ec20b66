package dev.tokentally.text;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.LongSupplier;

/** Something bad that may happen very often. The log tells of it at once, and then summarises. Safe for use by many threads. */
public final class Summary {

    /** The length of an interval. */
    public static final long INTERVAL_NANOS = 10_000_000_000L;

    /** How many are told one by one within an interval. */
    public static final int LINES = 10;

    private final Logger log;
    private final Level level;
    private final String what;
    private final LongSupplier nanoTime;
    private long count;
    private long untold;
    private boolean begun;
    private long beganAt;
    private int told;

    /**
     * Counts from zero, by the clock of the machine.
     *
     * @param log gets the lines
     * @param what happened, such as "records were lost"
     * @param level of the lines
     */
    public Summary(Logger log, String what, Level level) {
        this(log, what, level, System::nanoTime);
    }

    /**
     * Counts from zero.
     *
     * @param log gets the lines
     * @param what happened, such as "records were lost"
     * @param level of the lines
     * @param nanoTime the clock of the intervals, like {@link System#nanoTime}
     */
    public Summary(Logger log, String what, Level level, LongSupplier nanoTime) {
        this.log = log;
        this.what = what;
        this.level = level;
        this.nanoTime = nanoTime;
    }

    /**
     * Counts one more. The log has its line, unless there were too many within the interval.
     *
     * @param line what the log says about it
     */
    public void add(String line) {
        add(line, null);
    }

    /**
     * Counts one more. The log has its line, unless there were too many within the interval.
     *
     * @param line what the log says about it
     * @param thrown whose stack trace the log shows; null for none
     */
    public synchronized void add(String line, Throwable thrown) {
        count++;
        long now = nanoTime.getAsLong();
        if (!begun || now - beganAt >= INTERVAL_NANOS) {
            tellTheRest();
            begin(now);
        }
        if (told < LINES) {
            told++;
            log.log(level, line, thrown);
        } else {
            untold++;
        }
    }

    /** Call it now and then, so that the log tells of the last ones too. */
    public synchronized void tick() {
        if (untold > 0 && nanoTime.getAsLong() - beganAt >= INTERVAL_NANOS) {
            tellTheRest();
        }
    }

    /** Tells how many were not told one by one, if there are any. */
    public synchronized void tellTheRest() {
        if (untold > 0) {
            log.log(level, untold + " more " + what + " for similar reasons, " + count + " so far");
            untold = 0;
        }
    }

    private void begin(long now) {
        begun = true;
        beganAt = now;
        told = 0;
    }

    /**
     * How many there were, told or not.
     *
     * @return the number since the start
     */
    public synchronized long count() {
        return count;
    }
}
