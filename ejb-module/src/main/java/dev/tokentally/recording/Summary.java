package dev.tokentally.recording;

import dev.tokentally.time.Ticker;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Something bad that may happen very often. The log tells of it at once, and then summarises. Safe for use by many threads. */
final class Summary {

    static final long INTERVAL_NANOS = 10_000_000_000L;

    /** How many are told one by one within an interval. */
    static final int LINES = 10;

    private final Logger log;
    private final String what;
    private final Ticker ticker;
    private long count;
    private long untold;
    private boolean begun;
    private long beganAt;
    private int told;

    /**
     * Counts from zero.
     *
     * @param what happened, such as "records were lost"
     */
    Summary(Logger log, String what, Ticker ticker) {
        this.log = log;
        this.what = what;
        this.ticker = ticker;
    }

    synchronized void add(String line) {
        count++;
        long now = ticker.nanoTime();
        if (!begun || now - beganAt >= INTERVAL_NANOS) {
            tellTheRest();
            begin(now);
        }
        if (told < LINES) {
            told++;
            log.log(Level.ERROR, line);
        } else {
            untold++;
        }
    }

    /** Call it now and then, so that the log tells of the last ones too. */
    synchronized void tick() {
        if (untold > 0 && ticker.nanoTime() - beganAt >= INTERVAL_NANOS) {
            tellTheRest();
        }
    }

    synchronized void tellTheRest() {
        if (untold > 0) {
            log.log(Level.ERROR, untold + " more " + what + " for similar reasons, " + count + " so far");
            untold = 0;
        }
    }

    private void begin(long now) {
        begun = true;
        beganAt = now;
        told = 0;
    }

    synchronized long count() {
        return count;
    }
}
