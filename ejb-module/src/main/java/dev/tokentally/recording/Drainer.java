package dev.tokentally.recording;

import dev.tokentally.recording.StoreLink.Answer;
import dev.tokentally.recording.spool.Batch;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolClosedException;
import dev.tokentally.text.QuietLog;
import dev.tokentally.text.Summary;
import dev.tokentally.time.BackOff;
import dev.tokentally.time.SingleThread;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.RecordTooOldException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Takes records from the spool to the store, in batches, on one thread. It begins with the records that earlier runs left. While
 * the store takes none, only the drainer tries, with growing pauses. No circuit breaker of the server stops it.
 *
 * <p>Any thread may call {@link #waits}, {@link #wake}, {@link #hurry}, {@link #ensureToo} and {@link #stopWithin}. One thread runs it.
 */
final class Drainer implements Runnable {

    /** How many records go to the store in one transaction at most. */
    static final int BATCH = 500;

    private static final Logger LOG = QuietLog.of(Drainer.class);

    /** How long it waits for more records, so that a batch is more than the first record of a burst. */
    private static final Duration GATHER = Duration.ofMillis(20);

    /**
     * How long it looks for more records by itself after the last one. Callers need not wake it meanwhile, which would cost them
     * more than anything else in recording.
     */
    private static final long POLL_AFTER_WORK_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int REFUSED_IN_A_ROUND = 20;

    /**
     * The most tries between two pauses while another transaction is in the way. So many are enough to find one record of a batch
     * by halving.
     */
    private static final int CONFLICTS_IN_A_ROUND = 12;

    /** How long a pause lasts at least before a new record ends it. */
    private static final Duration REST = Duration.ofSeconds(1);

    /** The shortest pause, even if a caller without room in the spool asks the drainer to hurry. */
    static final Duration MIN_PAUSE = Duration.ofMillis(200);

    /** After a round that took long, a pause lasts at least so many times as long. */
    private static final int PAUSE_FACTOR = 4;

    /**
     * How many records in a row may be refused with no other record to compare them with. At one more, the store counts as refusing
     * every record.
     */
    private static final int MAX_UNPROVEN = 10;

    private final Spool spool;
    private final StoreLink store;
    private final Ticker ticker;
    private final Arrivals arrivals;
    private final SetAside setAside;
    private final Adoption adoption;
    private final Summary refused;
    private final List<Summary> summaries;

    private BatchInParts parts;
    /** Whether the last part of this batch had an answer from the store. */
    private boolean storeIsThere;
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
    private int refusedInThisRound;
    private int conflictsInThisRound;
    /** Whether another transaction blocked the last try, which is no progress. */
    private boolean isInConflict;
    /** Whether the store has answered, although the round has ended without progress. */
    private boolean storeAnswers;

    /** The kinds of unexpected failures that the log has told of since it last went well. */
    private final Set<Class<?>> unexpected = new HashSet<>();

    private int unproven;
    private Throwable lastRefusal;
    private String lastReason = "";
    private volatile long stopAt = Long.MAX_VALUE;
    /** The heartbeat's thread, which the drainer makes again if there is none; null if it is not known yet. */
    private volatile SingleThread heartbeat;

    private long storedAt;
    private long progressAt;

    Drainer(Spool spool, StoreLink store, Clock clock, Ticker ticker, Summary dropped, Summary withoutScope) {
        this.spool = spool;
        this.store = store;
        this.ticker = ticker;
        this.arrivals = new Arrivals(ticker);
        this.refused = new Summary(LOG, "records were rejected", Level.ERROR, ticker::nanoTime);
        this.setAside = new SetAside(spool, store, clock, ticker, refused, dropped);
        this.adoption = new Adoption(spool, clock, ticker);
        this.summaries = List.of(refused, dropped, withoutScope);
    }

    /** Remembers the newest record that waits. If others are refused and this one is not, the refused ones are the reason. */
    void waits(CallRecord record) {
        arrivals.add(record);
    }

    /** Something was appended. Returns whether the drainer had to be woken, which costs more. */
    boolean wake() {
        return arrivals.wake();
    }

    /** Ends a pause soon, as a record has no place but the store. */
    void hurry() {
        arrivals.hurry();
    }

    /** From now on, each round makes this thread if there is none. */
    void ensureToo(SingleThread thread) {
        heartbeat = thread;
    }

    /** Asks the drainer to end: when the spool is empty, when the store fails, or at the latest at the given time. */
    void stopWithin(Duration time) {
        stopAt = ticker.nanoTime() + time.toNanos();
        store.stop();
        arrivals.stop();
    }

    @Override
    public void run() {
        arrivals.begin();
        progressAt = ticker.nanoTime();
        storedAt = ticker.nanoTime() - POLL_AFTER_WORK_NANOS;
        int failures = 0;
        while (goesOn()) {
            // An interrupt of this thread is dropped, since it is meant for another kind of waiting. Stopping is asked
            // for in another way.
            Thread.interrupted();
            storeAnswers = false;
            isInConflict = false;
            seen = arrivals.newest();
            long began = ticker.nanoTime();
            boolean well = round();
            summaries.forEach(Summary::tick);
            if (well) {
                unexpected.clear();
                failures = isInConflict ? failures : 0;
            } else if (arrivals.isStopping()) {
                break;
            } else {
                failures++;
                pause(BackOff.STORE.after(failures), Duration.ofNanos(ticker.nanoTime() - began));
            }
        }
        refused.tellTheRest();
    }

    /** Returns whether the next batch may follow at once. */
    private boolean round() {
        try {
            ensureHeartbeat();
            return step();
        } catch (SpoolClosedException stopped) {
            // What the store did not take stays in the spool, for the next deployment.
            return false;
        } catch (IOException e) {
            LOG.log(
                    Level.ERROR,
                    "The records in " + spool.directory() + " wait, because the spool cannot be read or written to: "
                            + LogText.of(e));
        } catch (RuntimeException | Error e) {
            tellOnce(e);
        }
        // Meanwhile calls may write to the store all the same.
        if (!arrivals.isStopping() && store.isToBeAsked()) {
            store.conclude(store.check(), 0);
        }
        return false;
    }

    /** Tells of each kind of failure once until it went well, since the drainer tries again every few seconds. */
    private void tellOnce(Throwable failure) {
        if (unexpected.add(failure.getClass())) {
            LOG.log(
                    Level.ERROR,
                    "An unexpected failure delays the records in " + spool.directory()
                            + ", which are tried again every few seconds: " + LogText.of(failure)
                            + ". If memory is short, give the server more; otherwise report it with its stack trace",
                    failure);
        }
    }

    private void ensureHeartbeat() {
        SingleThread one = heartbeat;
        if (one != null) {
            one.ensure();
        }
    }

    private boolean goesOn() {
        if (!arrivals.isStopping()) {
            return true;
        }
        return spool.waiting() > 0 && !store.isDown() && ticker.nanoTime() - stopAt < 0;
    }

    /** Returns whether the next batch may follow at once. */
    private boolean step() throws IOException {
        adoption.nowAndThen();
        if (parts == null) {
            Optional<Batch> batch = spool.next(store.atMost());
            if (batch.isEmpty()) {
                passesLater = null;
                return setAside.retry() || idle();
            }
            parts = new BatchInParts(batch.get());
            storeIsThere = false;
            if (passesBehind != null || passesLater != null) {
                parts.othersPass();
            }
        }
        if (!parts.isTried() && !settle()) {
            if (parts != null && parts.isUntouched()) {
                // At the next try more records may be waiting, and the batch then includes them.
                parts = null;
            }
            return false;
        }
        if (parts.isTried() && !parts.suspects().isEmpty()) {
            return findOthersThatPass();
        }
        if (parts.isTried()) {
            setAside.add(parts.refused());
            setAside.addTooOld(parts.tooOld());
            spool.done(parts.batch());
            if (passesBehind != null && parts.batch().reaches(passesBehind)) {
                passesBehind = null;
            }
            if (passesLater != null && parts.batch().records().contains(passesLater)) {
                passesLater = null;
            }
            parts = null;
            storedAt = ticker.nanoTime();
            tellHowItGoes();
        }
        setAside.retry();
        return true;
    }

    private boolean idle() {
        if (store.isToBeAsked()) {
            storeAnswers = store.conclude(store.check(), 0);
            // While the store is slow, there is no hurry to ask it again.
            return storeAnswers && !store.isDown();
        }
        waitForMore();
        return true;
    }

    /** Stores the next part of the batch. Refused records are found by halving. Returns whether it made progress. */
    private boolean settle() {
        List<CallRecord> part = parts.next(store.atMost());
        Answer answer = store.store(part, storeIsThere);
        storeIsThere = answer.isAnswer();
        if (answer.isRefusal()) {
            return refused(part, answer.failure());
        }
        if (answer.isConflict()) {
            return inConflict(parts, part, answer);
        }
        if (answer.isGood() && !answer.isProof()) {
            // The records were there already, so this does not prove that the store takes records now.
            parts.stored(part);
            return true;
        }
        if (!store.conclude(answer, part.size())) {
            return false;
        }
        parts.stored(part);
        othersPass();
        return true;
    }

    private void othersPass() {
        allWereRefused = false;
        unproven = 0;
        behind = null;
        if (parts != null) {
            parts.othersPass();
        }
    }

    /**
     * Another transaction is in the way, perhaps of one record only. The others need not wait for that transaction. So the record
     * is found by halving, and goes to the end of the spool if others pass. Returns whether there is something else to try at once.
     */
    private boolean inConflict(BatchInParts of, List<CallRecord> part, Answer answer) {
        conflictsInThisRound++;
        isInConflict = true;
        boolean hasOthers = true;
        if (part.size() > 1) {
            of.split(part);
        } else if (!of.doOthersPass() || !moveToTheEnd(of, part)) {
            hasOthers = !of.isLast();
            of.later(part);
        }
        if (hasOthers && conflictsInThisRound < CONFLICTS_IN_A_ROUND) {
            return true;
        }
        storeAnswers = true;
        return store.conclude(answer, 0);
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

    private boolean refused(List<CallRecord> part, Throwable failure) {
        if (part.size() > 1) {
            parts.split(part);
            return true;
        }
        if (failure instanceof RecordTooOldException) {
            parts.tooOld(part, LogText.oneLine(failure.getMessage()));
            return true;
        }
        lastRefusal = failure;
        lastReason = LogText.of(failure, part.get(0));
        parts.refused(part, lastReason);
        if (!parts.doOthersPass()) {
            tryNewest(part.get(0));
        }
        return parts.doOthersPass() || countRefusal();
    }

    /** Tries the newest record before its turn, once in a round. */
    private void tryNewest(CallRecord suspect) {
        CallRecord record = arrivals.newest();
        if (!newestWasTried && record != null && !record.id().equals(suspect.id())) {
            newestWasTried = true;
            tryBeforeItsTurn(record);
        }
    }

    /** Tries to store a record before its turn. If that succeeds, the store already has it when its turn comes. */
    private void tryBeforeItsTurn(CallRecord record) {
        seen = record;
        Answer answer = store.store(List.of(record), true);
        if (answer.isProof() && store.conclude(answer, 0)) {
            passesLater = record;
            othersPass();
        }
    }

    /**
     * Counts refused records. After a few of them, with none that passed, the log tells of it. While the store refuses all records,
     * a few tries between two pauses are enough, since each try is a line in the store's own log.
     */
    private boolean countRefusal() {
        refusedInThisRound++;
        if (refusedInThisRound == REFUSED_IN_A_ROUND) {
            tellThatNothingPasses();
        }
        boolean goesOn = !allWereRefused || refusedInThisRound < REFUSED_IN_A_ROUND;
        storeAnswers = !goesOn;
        return goesOn;
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
    private boolean findOthersThatPass() throws IOException {
        tryNewest(parts.suspects().get(0));
        if (parts.doOthersPass()) {
            return true;
        }
        while (!arrivals.isStopping()) {
            if (behind == null || behind.isTried()) {
                Batch before = behind == null ? parts.batch() : behind.batch();
                Optional<Batch> next = spool.behind(before, BATCH);
                if (next.isEmpty()) {
                    return nothingPasses();
                }
                behind = new BatchInParts(next.get());
                continue;
            }
            List<CallRecord> part = behind.next(store.atMost());
            Answer answer = store.store(part, true);
            if (answer.isGood() && !answer.isProof()) {
                behind.stored(part);
            } else if (answer.isConflict()) {
                if (!inConflict(behind, part, answer)) {
                    return false;
                }
            } else if (!answer.isRefusal()) {
                if (store.conclude(answer, 0)) {
                    // When their turn comes, after the refused records, the store already has them.
                    passesBehind = behind.batch();
                    othersPass();
                    return true;
                }
                return false;
            } else if (part.size() > 1) {
                behind.split(part);
            } else if (answer.failure() instanceof RecordTooOldException) {
                // A record that came too late says nothing about the store. It is set aside when its turn comes.
                behind.stored(part);
            } else {
                behind.refused(part, "");
                if (!countRefusal()) {
                    return false;
                }
            }
        }
        return false;
    }

    private boolean nothingPasses() {
        boolean isAlone = parts.suspects().size() == 1 && behind == null;
        if (isAlone && lastRefusal instanceof RecordRefusedException && unproven < MAX_UNPROVEN && !allWereRefused) {
            // There is no other record to compare it with. But the store's message is one that it gives for wrong
            // values.
            unproven++;
            parts.othersPass();
            return true;
        }
        storeAnswers = true;
        allWereRefused = true;
        behind = null;
        parts = null;
        tellThatNothingPasses();
        return false;
    }

    private void waitForMore() {
        if (ticker.nanoTime() - storedAt < POLL_AFTER_WORK_NANOS) {
            arrivals.sleep(GATHER);
            return;
        }
        arrivals.await(() -> spool.waiting() == 0, IDLE_NANOS);
        if (spool.waiting() > 0) {
            arrivals.sleep(GATHER);
        }
    }

    /**
     * Waits before the next round. If the store has answered, a new record need not wait for the whole pause: the store may take it.
     * If it has refused all others, only the new record is tried. A caller without room in the spool ends the pause, too. But there
     * is always a shortest pause, so that a try that fails again and again does not keep a processor busy.
     */
    private void pause(Duration time, Duration round) {
        long until = ticker.nanoTime() + time.toNanos();
        if (!storeAnswers) {
            long least = Math.max(MIN_PAUSE.toNanos(), round.toNanos() * PAUSE_FACTOR);
            arrivals.sleep(Duration.ofNanos(Math.min(least, time.toNanos())));
        }
        boolean isOver = false;
        while (!isOver) {
            Duration left = Duration.ofNanos(until - ticker.nanoTime());
            arrivals.pause(storeAnswers && left.compareTo(REST) > 0 ? REST : left);
            arrivals.await(() -> arrivals.newest() == seen && !arrivals.isHurried(), until - ticker.nanoTime());
            isOver = arrivals.isStopping() || arrivals.isHurried() || ticker.nanoTime() - until >= 0 || tryNewRecord();
        }
        arrivals.calm();
        newestWasTried = false;
        refusedInThisRound = 0;
        conflictsInThisRound = 0;
    }

    private boolean tryNewRecord() {
        CallRecord record = arrivals.newest();
        if (record == seen) {
            return false;
        }
        if (allWereRefused) {
            tryBeforeItsTurn(record);
        }
        return !allWereRefused;
    }

    private void tellHowItGoes() {
        long waiting = spool.waiting();
        if (waiting >= 10 * BATCH && ticker.nanoTime() - progressAt >= PROGRESS_NANOS) {
            progressAt = ticker.nanoTime();
            LOG.log(Level.INFO, "Records go from the spool to the store; " + waiting + " still wait");
        }
    }
}
