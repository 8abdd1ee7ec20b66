package dev.tokentally.recording;

import dev.tokentally.time.BackOff;
import dev.tokentally.time.Ticker;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Decides whether calls write to the store. While the circuit is open, calls leave their records to the spool at once. Only the
 * drainer tries the store, and closes the circuit again. A record that the spool does not take is tried all the same, unless the
 * store does not answer: without a try it would be lost. If the store answered, but too late for a caller, the circuit stays open
 * for a time that grows with each late answer. After that it lets one caller at a time try, until one has its answer in time. So if
 * a store is slow for hours, that is one outage, and few calls have to wait. Safe for use by many threads.
 */
final class Circuit {

    static final BackOff HOLD_OFF = new BackOff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** If an answer is late within this time after the last hold-off ended, it belongs to the same outage. */
    static final long MEMORY_NANOS = TimeUnit.MINUTES.toNanos(2);

    private static final Logger LOG = System.getLogger(Circuit.class.getName());

    /** How often the log says that the circuit is still open, and why, since the reason may have changed. */
    private static final Duration REMINDER = Duration.ofMinutes(1);

    private final Path spool;
    private final Clock clock;
    private final Ticker ticker;
    private volatile Instant openSince;
    private volatile boolean onTrial;
    /** Whether a caller has waited in vain, and nobody has had an answer since. */
    private volatile boolean silent;

    private boolean trialIsTaken;
    private Instant toldAt;
    private boolean wasTold;
    /** How many answers in a row were late, each within {@link #MEMORY_NANOS} of the one before. */
    private int lateInARow;

    private long heldOffUntil;

    Circuit(Path spool, Clock clock, Ticker ticker) {
        this.spool = spool;
        this.clock = clock;
        this.ticker = ticker;
    }

    boolean isOpen() {
        return openSince != null;
    }

    /** Null while it is closed. */
    Instant openSince() {
        return openSince;
    }

    /**
     * Returns whether a caller may write. A caller that may write then calls one of the next three methods to tell how the write
     * went.
     */
    boolean admits() {
        if (openSince != null) {
            return false;
        }
        return !onTrial || takesTrial();
    }

    private synchronized boolean takesTrial() {
        if (onTrial && trialIsTaken) {
            return false;
        }
        trialIsTaken = true;
        return openSince == null;
    }

    /**
     * Returns whether the store answers, as far as anybody knows: it may refuse everything, but nobody waits for it in vain. While
     * it answers, a caller may write in spite of an open circuit, if its record would be lost otherwise.
     */
    boolean answers() {
        return !silent;
    }

    /** The drainer had an answer, in time or not. */
    void answered() {
        silent = false;
    }

    /** A caller had its answer in time. */
    void inTime() {
        silent = false;
        if (onTrial) {
            onTrial = false;
        }
    }

    /** A caller's write ended in a way that says nothing about the store's speed. */
    void undecided() {
        if (onTrial) {
            giveTrialBack();
        }
    }

    private synchronized void giveTrialBack() {
        trialIsTaken = false;
    }

    /**
     * A caller waited in vain. Opens the circuit. The shortest time for which it stays open depends on how often that happened
     * lately.
     */
    synchronized void late(String reason) {
        silent = true;
        if (openSince != null) {
            open(reason);
            return;
        }
        long now = ticker.nanoTime();
        boolean again = lateInARow > 0 && now - heldOffUntil < MEMORY_NANOS;
        lateInARow = again ? lateInARow + 1 : 1;
        heldOffUntil = now + HOLD_OFF.after(lateInARow).toNanos();
        onTrial = true;
        trialIsTaken = false;
        if (again) {
            openSince = clock.instant();
            wasTold = false;
            remind("it is slow again: " + reason);
        } else {
            open(reason);
        }
    }

    /** Opens the circuit. If it is open already, the log says so again now and then. */
    synchronized void open(String reason) {
        if (openSince != null) {
            remind(reason);
            return;
        }
        openSince = clock.instant();
        toldAt = openSince;
        wasTold = true;
        LOG.log(
                Level.ERROR,
                "The store takes no records: " + reason
                        + ". Calls go on and no longer wait for it; their records wait in " + spool
                        + " and are stored when it takes them again");
    }

    private void remind(String reason) {
        Instant now = clock.instant();
        if (Duration.between(toldAt, now).compareTo(REMINDER) >= 0) {
            toldAt = now;
            LOG.log(
                    Level.WARNING,
                    "The store still takes no records, since " + openSince + ": " + reason + ". They wait in " + spool);
        }
    }

    /** Whether the circuit has been open for as long as it must after a late answer. */
    synchronized boolean mayClose() {
        return lateInARow == 0 || ticker.nanoTime() - heldOffUntil >= 0;
    }

    /** Returns since when the circuit was open; null if the log did not tell of it, since the outage before is still going on. */
    synchronized Instant close() {
        Instant since = openSince;
        openSince = null;
        return wasTold ? since : null;
    }
}
