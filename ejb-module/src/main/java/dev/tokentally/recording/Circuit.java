package dev.tokentally.recording;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/**
 * Whether calls write to the store. Open, they leave their records to the spool at once and only the drainer tries the
 * store; it closes the circuit again. Safe for use by many threads.
 */
final class Circuit {

    private static final Logger LOG = System.getLogger(Circuit.class.getName());

    private final Path spool;
    private final Clock clock;
    private volatile Instant openSince;
    private volatile Throwable lastFailure;

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

    /** Opens on a failure; fault tolerance's own says nothing, so the reason is then what failed before it. */
    void openAfter(Throwable failure) {
        if (failure instanceof CircuitBreakerOpenException) {
            open(LogText.of(lastFailure));
        } else {
            lastFailure = failure;
            open(LogText.of(failure));
        }
    }

    void remember(Throwable failure) {
        lastFailure = failure;
    }

    synchronized void open(String reason) {
        if (openSince == null) {
            openSince = clock.instant();
            LOG.log(
                    Level.ERROR,
                    "The store takes no records: " + reason
                            + ". Calls go on and no longer wait for it; their records wait in " + spool
                            + " and are stored when it takes them again");
        }
    }

    /** Answers since when it was open. */
    synchronized Instant close() {
        Instant since = openSince;
        openSince = null;
        return since;
    }
}
