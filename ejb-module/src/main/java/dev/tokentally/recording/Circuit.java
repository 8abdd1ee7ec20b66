package dev.tokentally.recording;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Whether calls write to the store. Open, they leave their records to the spool at once and only the drainer tries the
 * store; it closes the circuit again. Safe for use by many threads.
 */
final class Circuit {

    private static final Logger LOG = System.getLogger(Circuit.class.getName());

    /** How often it is told that it is still open, and over what: the reason may have changed. */
    private static final Duration REMINDER = Duration.ofMinutes(1);

    private final Path spool;
    private final Clock clock;
    private volatile Instant openSince;
    private Instant toldAt;

    Circuit(Path spool, Clock clock) {
        this.spool = spool;
        this.clock = clock;
    }

    boolean isOpen() {
        return openSince != null;
    }

    /** Null while it is closed. */
    Instant openSince() {
        return openSince;
    }

    /** Opens, or reminds now and then of being open. */
    synchronized void open(String reason) {
        Instant now = clock.instant();
        if (openSince == null) {
            openSince = now;
            toldAt = now;
            LOG.log(
                    Level.ERROR,
                    "The store takes no records: " + reason
                            + ". Calls go on and no longer wait for it; their records wait in " + spool
                            + " and are stored when it takes them again");
        } else if (Duration.between(toldAt, now).compareTo(REMINDER) >= 0) {
            toldAt = now;
            LOG.log(
                    Level.WARNING,
                    "The store still takes no records, since " + openSince + ": " + reason + ". They wait in " + spool);
        }
    }

    /** Answers since when it was open. */
    synchronized Instant close() {
        Instant since = openSince;
        openSince = null;
        return since;
    }
}
