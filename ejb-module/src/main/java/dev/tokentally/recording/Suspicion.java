package dev.tokentally.recording;

import dev.tokentally.recording.StoreLink.Answer;
import dev.tokentally.recording.spool.Batch;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.RecordTooOldException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Finds out whether a refused record is the reason, or the store, which perhaps refuses every record. If the store takes another
 * record, the refused one is the reason. So the drainer tries the newest record, then those behind the batch. Used by one thread.
 */
final class Suspicion {

    private static final int REFUSED_IN_A_ROUND = 20;

    /**
     * How many records in a row may be refused with no other record to compare them with. At one more, the store counts as refusing
     * every record.
     */
    private static final int MAX_UNPROVEN = 10;

    private final Spool spool;
    private final StoreLink store;
    private final Arrivals arrivals;
    private final Conflicts conflicts;

    /** The batch behind records that the store has all refused; null if the drainer did not have to look behind them. */
    private BatchInParts behind;
    /** The batch with the first record that passed after others were refused; null if there is none. */
    private Batch passesBehind;

    /** A record that was stored before its turn and waits behind the refused ones; null if there is none. */
    private CallRecord passesLater;

    /**
     * Whether every waiting record was tried and refused, and none was stored since. Then a few tries between two pauses are
     * enough.
     */
    private boolean allWereRefused;

    /** The newest record when the round began, or a newer one that was tried before its turn. */
    private CallRecord seen;

    private boolean newestWasTried;
    private int refusedSincePause;
    private int unproven;
    private Throwable lastRefusal;
    private String lastReason = "";

    Suspicion(Spool spool, StoreLink store, Arrivals arrivals, Conflicts conflicts) {
        this.spool = spool;
        this.store = store;
        this.arrivals = arrivals;
        this.conflicts = conflicts;
    }

    /** A round begins. */
    void roundBegins() {
        seen = arrivals.newest();
    }

    /** A pause has ended. */
    void pauseEnds() {
        newestWasTried = false;
        refusedSincePause = 0;
    }

    /** A batch begins. Whether others pass may be known already, from a record behind it. */
    void begins(BatchInParts parts) {
        if (passesBehind != null || passesLater != null) {
            parts.othersPass();
        }
    }

    /** A batch has left the spool. */
    void ends(Batch batch) {
        if (passesBehind != null && batch.reaches(passesBehind)) {
            passesBehind = null;
        }
        if (passesLater != null && batch.records().contains(passesLater)) {
            passesLater = null;
        }
    }

    /** No record waits in the spool. */
    void nothingWaits() {
        passesLater = null;
    }

    /**
     * The store has taken a new record.
     *
     * @param parts the drainer's batch; null if it has none
     */
    void othersPass(BatchInParts parts) {
        allWereRefused = false;
        unproven = 0;
        behind = null;
        if (parts != null) {
            parts.othersPass();
        }
    }

    /** The store has refused a part. Returns how the round goes on. */
    Round refused(BatchInParts parts, List<CallRecord> part, Throwable failure) {
        if (part.size() > 1) {
            parts.split(part);
            return Round.GOES_ON;
        }
        if (failure instanceof RecordTooOldException) {
            parts.tooOld(part, LogText.oneLine(failure.getMessage()));
            return Round.GOES_ON;
        }
        lastRefusal = failure;
        lastReason = LogText.of(failure, part.get(0));
        parts.refused(part, lastReason);
        if (!parts.doOthersPass()) {
            tryNewest(parts, part.get(0));
        }
        return parts.doOthersPass() ? Round.GOES_ON : countRefusal();
    }

    /** Tries the newest record before its turn, once between two pauses. */
    private void tryNewest(BatchInParts parts, CallRecord suspect) {
        CallRecord record = arrivals.newest();
        if (!newestWasTried && record != null && !record.id().equals(suspect.id())) {
            newestWasTried = true;
            tryBeforeItsTurn(parts, record);
        }
    }

    /** Tries to store a record before its turn. If that succeeds, the store already has it when its turn comes. */
    private void tryBeforeItsTurn(BatchInParts parts, CallRecord record) {
        seen = record;
        Answer answer = store.store(List.of(record), true);
        if (answer.isProof() && store.conclude(answer, 0)) {
            passesLater = record;
            othersPass(parts);
        }
    }

    /**
     * Counts refused records. After a few of them, with none that passed, the log tells of it. While the store refuses all records,
     * a few tries between two pauses are enough, since each try is a line in the store's own log.
     */
    private Round countRefusal() {
        refusedSincePause++;
        if (refusedSincePause == REFUSED_IN_A_ROUND) {
            tellThatNothingPasses();
        }
        boolean isEnough = allWereRefused && refusedSincePause >= REFUSED_IN_A_ROUND;
        return isEnough ? Round.ANSWERED : Round.GOES_ON;
    }

    private void tellThatNothingPasses() {
        store.down("it refuses each one that was tried, most recently with " + lastReason
                + ". Look for a missing right, a rule of row-level security, a trigger or a missing partition, and correct"
                + " it; then the records are stored without further action");
    }

    /**
     * The whole batch was refused, or all that was left of it. If records behind it pass, these records are the reason; otherwise
     * the store is.
     */
    Round findOthersThatPass(BatchInParts parts) throws IOException {
        tryNewest(parts, parts.suspects().get(0));
        if (parts.doOthersPass()) {
            return Round.GOES_ON;
        }
        while (!arrivals.isStopping()) {
            if (behind == null || behind.isTried()) {
                Batch before = behind == null ? parts.batch() : behind.batch();
                Optional<Batch> next = spool.behind(before, Drainer.BATCH);
                if (next.isEmpty()) {
                    return concludeThatNothingPasses(parts);
                }
                behind = new BatchInParts(next.get());
                continue;
            }
            Round round = tryBehind(parts);
            if (round != Round.GOES_ON || parts.doOthersPass()) {
                return round;
            }
        }
        return Round.UNANSWERED;
    }

    /** Tries the next part behind the batch. */
    private Round tryBehind(BatchInParts parts) {
        List<CallRecord> part = behind.next(store.atMost());
        Answer answer = store.store(part, true);
        if (answer.isConflict()) {
            return conflicts.meet(behind, part, answer);
        }
        if (answer.isRefusal()) {
            return refusedBehind(part, answer.failure());
        }
        if (answer.isGood() && !answer.isProof()) {
            behind.stored(part);
            return Round.GOES_ON;
        }
        if (!store.conclude(answer, 0)) {
            return Round.UNANSWERED;
        }
        // When their turn comes, after the refused records, the store already has them.
        passesBehind = behind.batch();
        othersPass(parts);
        return Round.GOES_ON;
    }

    private Round refusedBehind(List<CallRecord> part, Throwable failure) {
        if (part.size() > 1) {
            behind.split(part);
            return Round.GOES_ON;
        }
        if (failure instanceof RecordTooOldException) {
            // A record that came too late says nothing about the store. It is set aside when its turn comes.
            behind.stored(part);
            return Round.GOES_ON;
        }
        behind.refused(part, "");
        return countRefusal();
    }

    private Round concludeThatNothingPasses(BatchInParts parts) {
        boolean isAlone = parts.suspects().size() == 1 && behind == null;
        if (isAlone && lastRefusal instanceof RecordRefusedException && unproven < MAX_UNPROVEN && !allWereRefused) {
            // There is no other record to compare it with. But the store's message is one that it gives for wrong
            // values.
            unproven++;
            parts.othersPass();
            return Round.GOES_ON;
        }
        allWereRefused = true;
        behind = null;
        tellThatNothingPasses();
        return Round.ALL_REFUSED;
    }

    /** Whether no record came since the round began, except those that were tried before their turn. */
    boolean hasSeenNewest() {
        return arrivals.newest() == seen;
    }

    /**
     * Tries the newest record during a pause, if the store has refused all others.
     *
     * @param parts the drainer's batch; null if it has none
     * @return whether the pause is over, since a record may pass
     */
    boolean tryNewRecord(BatchInParts parts) {
        CallRecord record = arrivals.newest();
        if (record == seen) {
            return false;
        }
        if (allWereRefused) {
            tryBeforeItsTurn(parts, record);
        }
        return !allWereRefused;
    }
}
