package dev.tokentally.recording;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolClosedException;
import dev.tokentally.text.QuietLog;
import dev.tokentally.time.Ticker;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/** Takes over what other deployments of the application and older releases left, bit by bit. Used by one thread. */
final class Adoption {

    private static final Logger LOG = QuietLog.of(Adoption.class);

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Spool spool;
    private final OldRejectedFile oldRejected;
    private final Ticker ticker;
    private long adoptedAt;
    private boolean adoptsMore;
    private boolean toldOfOldFile;
    private boolean toldOfOthers;

    Adoption(Spool spool, Clock clock, Ticker ticker) {
        this.spool = spool;
        this.oldRejected = new OldRejectedFile(spool, clock);
        this.ticker = ticker;
        this.adoptedAt = ticker.nanoTime() - PAUSE_NANOS;
    }

    /** Does nothing most of the time. If something cannot be taken over, everything else goes on. */
    void nowAndThen() throws SpoolClosedException {
        boolean isNext = adoptsMore && spool.waiting() == 0;
        if (!isNext && ticker.nanoTime() - adoptedAt < PAUSE_NANOS) {
            return;
        }
        adoptedAt = ticker.nanoTime();
        takeOverOldFile();
        long adopted = adopt();
        adoptsMore = adopted > 0;
        if (adopted > 0) {
            LOG.log(Level.INFO, adopted + " records are taken over from another deployment of this application");
        }
    }

    private void takeOverOldFile() throws SpoolClosedException {
        try {
            oldRejected.takeOver();
            toldOfOldFile = false;
        } catch (SpoolClosedException stopped) {
            throw stopped;
        } catch (IOException | RuntimeException e) {
            if (!toldOfOldFile) {
                toldOfOldFile = true;
                LOG.log(
                        Level.ERROR,
                        "The refused records of an earlier release in " + oldRejected + " cannot be taken over: "
                                + LogText.of(e)
                                + ". Give the server the right to read, write and delete that file; it is"
                                + " tried again every few seconds",
                        LogText.unexpected(e));
            }
        }
    }

    private long adopt() throws SpoolClosedException {
        try {
            long adopted = spool.adopt();
            toldOfOthers = false;
            return adopted;
        } catch (SpoolClosedException stopped) {
            throw stopped;
        } catch (IOException | RuntimeException e) {
            if (!toldOfOthers) {
                toldOfOthers = true;
                LOG.log(
                        Level.ERROR,
                        "What other deployments have left beside " + spool.directory() + " cannot be taken over: "
                                + LogText.of(e)
                                + ". Give the server the right to read the directory above it; that is tried"
                                + " again every few seconds",
                        LogText.unexpected(e));
            }
            return 0;
        }
    }
}
