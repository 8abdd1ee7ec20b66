package dev.tokentally.recording;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.time.Ticker;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/** Takes over what other deployments of the application and older releases left, bit by bit. Used by one thread. */
final class Adoption {

    private static final Logger LOG = System.getLogger(Adoption.class.getName());

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Spool spool;
    private final OldRejectedFile oldRejected;
    private final Ticker ticker;
    private long adoptedAt;
    private boolean adoptsMore;

    Adoption(Spool spool, Clock clock, Ticker ticker) {
        this.spool = spool;
        this.oldRejected = new OldRejectedFile(spool, clock);
        this.ticker = ticker;
        this.adoptedAt = ticker.nanoTime() - PAUSE_NANOS;
    }

    /** Does nothing most of the time. */
    void nowAndThen() throws IOException {
        boolean isNext = adoptsMore && spool.waiting() == 0;
        if (!isNext && ticker.nanoTime() - adoptedAt < PAUSE_NANOS) {
            return;
        }
        adoptedAt = ticker.nanoTime();
        oldRejected.takeOver();
        long adopted = spool.adopt();
        adoptsMore = adopted > 0;
        if (adopted > 0) {
            LOG.log(Level.INFO, adopted + " records are taken over from another deployment of this application");
        }
    }
}
