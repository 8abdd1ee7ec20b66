package dev.tokentally.recording;

import dev.tokentally.recording.StoreLink.Answer;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * What the drainer does when another transaction is in the way, perhaps of one record only. The others need not wait for that
 * transaction. So the record is found by halving, and goes to the end of the spool if others pass. Used by one thread.
 */
final class Conflicts {

    private static final Logger LOG = QuietLog.of(Conflicts.class);

    /**
     * The most tries between two pauses while another transaction is in the way. So many are enough to find one record of a batch
     * by halving.
     */
    private static final int AT_MOST = 12;

    private final Spool spool;
    private final StoreLink store;
    private int sincePause;
    private boolean met;

    Conflicts(Spool spool, StoreLink store) {
        this.spool = spool;
        this.store = store;
    }

    /** A round begins. */
    void roundBegins() {
        met = false;
    }

    /** A pause has ended. */
    void pauseEnds() {
        sincePause = 0;
    }

    /** Whether another transaction was in the way in this round, which is no progress. */
    boolean wereMet() {
        return met;
    }

    /** Another transaction is in the way of a part. Returns how the round goes on. */
    Round meet(BatchInParts of, List<CallRecord> part, Answer answer) {
        sincePause++;
        met = true;
        boolean hasOthers = true;
        if (part.size() > 1) {
            of.split(part);
        } else if (!of.doOthersPass() || !moveToTheEnd(of, part)) {
            hasOthers = !of.isLast();
            of.later(part);
        }
        if (hasOthers && sincePause < AT_MOST) {
            return Round.GOES_ON;
        }
        store.conclude(answer, 0);
        return Round.ANSWERED;
    }

    /**
     * Moves a record to the end of the spool. If the process ends in between, the record is in the spool twice. It is stored only
     * once, because both have the same id.
     */
    private boolean moveToTheEnd(BatchInParts of, List<CallRecord> part) {
        try {
            spool.append(part.get(0));
        } catch (IOException noRoom) {
            LOG.log(Level.DEBUG, "A record stays before others that wait in the spool", noRoom);
            return false;
        }
        of.waitsBehind(part);
        return true;
    }
}
