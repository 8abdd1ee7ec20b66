package dev.tokentally.recording;

import dev.tokentally.text.QuietLog;
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
 * drainer tries the store, and closes the circuit again. If the store answered, but too late for a caller, the circuit stays open
 * for a time that grows with each late answer. After that it lets one caller at a time try, until one has its answer in time. So if
 * a store is slow for hours, that is one outage, and few calls have to wait.
 *
 * <p>If the spool does not take a record, the record would be lost. So its caller may write although the circuit is open. If the
 * last caller of this kind got no quick answer, these callers write one at a time, with pauses between them.
 *
 * <p>Safe for use by many threads.
 */
final class Circuit {

    static final BackOff HOLD_OFF = new BackOff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** If an answer is late within this time after the last hold-off ended, it belongs to the same outage. */
    static final long MEMORY_NANOS = TimeUnit.MINUTES.toNanos(2);

    private static final Logger LOG = QuietLog.of(Circuit.class);

    /** How often the log says that the circuit is still open, and why, since the reason may have changed. */
    private static final Duration REMINDER = Duration.ofMinutes(1);

    private final Path spool;
    private final Clock clock;
    private final Ticker ticker;
    // The monitor of this object guards the fields below. The volatile ones are written under it. They are also read
    // without it, since each call asks for them.

    private volatile Instant openSince;
    private volatile boolean onTrial;
    private boolean trialIsTaken;
    /** Whether the last caller waited in vain. */
    private volatile boolean silent;

    private boolean probeIsTaken;
    private int inVain;
    private long nextProbe;
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

    /** Asks whether a caller may write. A caller that may then calls one of the next methods, to tell how the write went. */
    Pass admit() {
        if (openSince != null) {
            return Pass.NONE;
        }
        return onTrial ? trial() : Pass.FREE;
    }

    private synchronized Pass trial() {
        if (openSince != null || onTrial && trialIsTaken) {
            return Pass.NONE;
        }
        trialIsTaken = onTrial;
        return onTrial ? Pass.TRIAL : Pass.FREE;
    }

    /** Asks whether a caller may write whose record the spool does not take. */
    Pass admitWithoutSpool() {
        Pass pass = admit();
        if (pass != Pass.NONE) {
            return pass;
        }
        return silent ? probe() : Pass.FREE;
    }

    /** Whether a caller without room in the spool is trying the store now. Its result tells the others whether they may write. */
    synchronized boolean isProbed() {
        return silent && probeIsTaken;
    }

    private synchronized Pass probe() {
        if (silent && (probeIsTaken || ticker.nanoTime() - nextProbe < 0)) {
            return Pass.NONE;
        }
        probeIsTaken = silent;
        return silent ? Pass.PROBE : Pass.FREE;
    }

    /** A caller's record was stored in time. */
    void inTime(Pass pass) {
        answered(pass);
        if (onTrial) {
            endTrial();
        }
    }

    private synchronized void endTrial() {
        onTrial = false;
    }

    /** A caller's write failed, but the store had answered quickly. */
    void answered(Pass pass) {
        answered();
        undecided(pass);
    }

    /** A record was stored quickly, or refused. */
    void answered() {
        if (silent) {
            speaks();
        }
    }

    private synchronized void speaks() {
        silent = false;
        inVain = 0;
        probeIsTaken = false;
    }

    /**
     * A caller was told quickly that there is no connection. Either the store is down, or the store hangs and the pool is empty. So
     * the next caller may try at once, but only that one.
     */
    void failed(Pass pass) {
        if (pass == Pass.PROBE) {
            probeSoon();
        }
        undecided(pass);
    }

    /** A caller's write ended in a way that says nothing about the store's speed. */
    void undecided(Pass pass) {
        if (pass == Pass.TRIAL || pass == Pass.PROBE) {
            giveBack(pass);
        }
    }

    private synchronized void giveBack(Pass pass) {
        if (pass == Pass.TRIAL) {
            trialIsTaken = false;
        } else {
            probeIsTaken = false;
        }
    }

    /** A caller's write failed after a long wait. */
    synchronized void inVain(Pass pass) {
        if (!silent || pass == Pass.PROBE) {
            nextProbe = ticker.nanoTime()
                    + (inVain == 0 ? 0 : BackOff.STORE.after(inVain).toNanos());
            inVain++;
        }
        silent = true;
        undecided(pass);
    }

    /** The drainer had a quick answer, so another caller may soon have one, too. */
    synchronized void probeSoon() {
        nextProbe = ticker.nanoTime();
    }

    /**
     * A caller waited in vain. Opens the circuit. The shortest time for which it stays open depends on how often that happened
     * lately.
     */
    synchronized void late(Pass pass, String reason) {
        inVain(pass);
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

    /**
     * Returns since when the circuit was open. Returns null if the log did not report this opening, because it belongs to an outage
     * that was already reported.
     */
    synchronized Instant close() {
        Instant since = openSince;
        openSince = null;
        return wasTold ? since : null;
    }

    /** Whether a caller may write. */
    enum Pass {
        NONE,
        /** It may, and other callers may write at the same time. */
        FREE,
        /** The store was slow. Only one caller whose record the spool takes may write at a time, and this is the one. */
        TRIAL,
        /**
         * The store did not answer. Only one caller whose record the spool does not take may write at a time, and this is the one.
         */
        PROBE
    }
}
