package dev.tokentally.recording;

import dev.tokentally.recording.spool.Batch;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes records from the spool to the store, in batches, on one thread. It begins with the records that earlier runs left. While
 * the store takes none, only the drainer tries, with growing pauses. No circuit breaker of the server stops it.
 */
final class Drainer implements Runnable {

    /** How many records go to the store in one transaction. */
    static final int BATCH = 500;

    private static final Logger LOG = System.getLogger(Drainer.class.getName());

    /** How long it waits for more records, so that a batch is more than the first record of a burst. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** How long it looks for more records by itself after the last one, since waking it is what costs a caller most. */
    private static final long ATTENTIVE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long ADOPT_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** How often it asks the store when there are no calls, so that the log and the health check show an outage then too. */
    private static final long CONTACT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** If the store has not answered by then, it is asked again on another thread. A late answer to the first does no harm. */
    static final Duration ANSWER = Duration.ofSeconds(30);

    /** With the pauses between the conflicts, this many take a minute or more. */
    private static final int CONFLICTS_TO_TELL = 20;

    private static final int REFUSED_IN_A_ROUND = 20;

    /** How many records may be refused one after the other, each while no other waits with which it could be compared. */
    private static final int MAX_UNPROVEN = 10;

    private final Spool spool;
    private final UsageRepository repository;
    private final Circuit circuit;
    private final StoreThreads threads;
    private final Clock clock;
    private final Retries retries;
    private final OldRejectedFile oldRejected;
    private final Summary rejected;
    private final Summary dropped;
    private final List<Summary> summaries;

    private final Times times;

    private BatchInParts parts;
    /** The batch behind records that the store all refuses; null while nobody had to look there. */
    private BatchInParts behind;
    /** The batch with the first record that passed after others were refused; null if there is none. */
    private Batch passesBehind;

    /** A record that was stored before its turn and waits behind the refused ones; null if there is none. */
    private CallRecord passesLater;

    /** Whether the store has refused all waiting records since one last passed. Then there is no hurry to try again. */
    private boolean allWereRefused;

    /** The last record that went to the spool. */
    private volatile CallRecord newest;

    private boolean newestWasTried;
    private int refusedInThisRound;
    private int unproven;
    private Throwable lastRefusal;
    private String lastReason = "";
    private volatile Thread thread;
    private volatile boolean idle;
    private volatile long stopAt = Long.MAX_VALUE;
    private volatile boolean stopping;
    private long adoptedAt;
    private boolean adoptsMore;
    private long storedAt;
    private long contactAt;
    private Instant downSince;
    private boolean isOutage;
    private long storedSince;
    private long progressAt;
    private int conflictsInARow;

    Drainer(
            Spool spool,
            UsageRepository repository,
            Circuit circuit,
            StoreThreads threads,
            Clock clock,
            Times times,
            Summary dropped,
            Summary withoutScope) {
        this.spool = spool;
        this.repository = repository;
        this.circuit = circuit;
        this.threads = threads;
        this.clock = clock;
        this.retries = new Retries(spool.rejected(), clock);
        this.oldRejected = new OldRejectedFile(spool, clock);
        this.times = times;
        this.rejected = new Summary(LOG, "records were rejected", System::nanoTime);
        this.dropped = dropped;
        this.summaries = List.of(rejected, dropped, withoutScope);
    }

    /** Remembers the newest record that waits. If others are refused and this one is not, the refused ones are the reason. */
    void waits(CallRecord record) {
        newest = record;
    }

    /**
     * Something was appended. This costs a caller next to nothing. Returns whether the drainer had to be woken, which costs more.
     */
    boolean wake() {
        if (!idle) {
            return false;
        }
        LockSupport.unpark(thread);
        return true;
    }

    /** Asks the drainer to end: when the spool is empty, when the store fails, or at the latest at the given time. */
    void stopWithin(Duration time) {
        stopAt = System.nanoTime() + time.toNanos();
        stopping = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        adoptedAt = System.nanoTime() - ADOPT_NANOS;
        progressAt = System.nanoTime();
        contactAt = System.nanoTime();
        storedAt = System.nanoTime() - ATTENTIVE_NANOS;
        long pause = SHORTEST_PAUSE_NANOS;
        while (goesOn()) {
            // An interrupt of this thread is dropped, since it is meant for another kind of waiting. Stopping is asked
            // for in another way.
            Thread.interrupted();
            boolean well;
            try {
                well = step();
            } catch (IOException | RuntimeException | Error e) {
                LOG.log(
                        Level.ERROR,
                        "The records in " + spool.directory() + " wait, as the spool cannot be read or written to: "
                                + LogText.of(e));
                well = false;
            }
            summaries.forEach(Summary::tick);
            if (well) {
                pause = SHORTEST_PAUSE_NANOS;
            } else if (stopping) {
                break;
            } else {
                newestWasTried = false;
                refusedInThisRound = 0;
                sleep(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            }
        }
        rejected.tellTheRest();
    }

    private boolean goesOn() {
        if (!stopping) {
            return true;
        }
        return spool.waiting() > 0 && !circuit.isOpen() && System.nanoTime() - stopAt < 0;
    }

    /** Returns whether the next batch may follow at once. */
    private boolean step() throws IOException {
        if (parts == null) {
            adoptNowAndThen();
            Optional<Batch> batch = spool.next(BATCH);
            if (batch.isEmpty()) {
                passesLater = null;
                return retry() || hasNothingToDo();
            }
            parts = new BatchInParts(batch.get());
            if (passesBehind != null || passesLater != null) {
                parts.othersPass();
            }
        }
        if (!parts.isTried() && !settle()) {
            if (parts != null && parts.isUntouched()) {
                // By the next try more records may wait, which can then go along.
                parts = null;
            }
            return false;
        }
        if (parts.isTried() && !parts.suspects().isEmpty()) {
            return findsOthersThatPass();
        }
        if (parts.isTried()) {
            setAside();
            spool.done(parts.batch());
            if (passesBehind != null && parts.batch().reaches(passesBehind)) {
                passesBehind = null;
            }
            if (passesLater != null && parts.batch().records().contains(passesLater)) {
                passesLater = null;
            }
            parts = null;
            storedAt = System.nanoTime();
            tellHowItGoes();
        }
        retry();
        return true;
    }

    private boolean hasNothingToDo() {
        if (circuit.isOpen() || System.nanoTime() - contactAt >= CONTACT_NANOS) {
            Answer answer = ask(repository::check);
            // While the store is slow, there is no hurry to try it again.
            return isWell(answer, 0) && !circuit.isOpen();
        }
        waitForMore();
        return true;
    }

    /** Stores the next part of the batch. Refused records are found by halving. Returns whether it made progress. */
    private boolean settle() {
        List<CallRecord> part = parts.next();
        Answer answer = store(part, !parts.isUntouched());
        if (answer.isLate()) {
            // Perhaps the connection is too slow for so many records.
            parts.split();
        }
        if (answer.isRefusal()) {
            return refused(part, answer.failure());
        }
        if (answer.isGood() && !answer.isProof()) {
            // The records were there already, so this does not prove that the store takes records now.
            parts.stored();
            return true;
        }
        if (!isWell(answer, part.size())) {
            return false;
        }
        parts.stored();
        othersPass();
        return true;
    }

    private Answer store(List<CallRecord> part, boolean isThere) {
        AtomicInteger inserted = new AtomicInteger();
        Answer answer = judged(ask(() -> inserted.set(repository.storeAll(part).size())), isThere);
        return new Answer(answer.outcome(), answer.failure(), answer.took(), answer.isRefusal(), inserted.get());
    }

    private void othersPass() {
        allWereRefused = false;
        unproven = 0;
        behind = null;
        parts.othersPass();
    }

    private boolean refused(List<CallRecord> part, Throwable failure) {
        if (part.size() > 1) {
            parts.split();
            return true;
        }
        lastRefusal = failure;
        if (!parts.doOthersPass()) {
            triesNewest(part.get(0));
        }
        lastReason = LogText.of(failure, part.get(0));
        parts.refused(lastReason);
        return parts.doOthersPass() || isInTime();
    }

    /**
     * Finds out whether a failure is a refusal and no outage. No list can name all failures that a single row may cause, since a
     * customer's trigger may throw anything.
     *
     * @param isThere whether the store is known to be there
     * @return the same answer, or the store's answer to the question whether it takes any record
     */
    private Answer judged(Answer answer, boolean isThere) {
        Throwable failure = answer.failure();
        boolean perhaps = failure instanceof UsageStoreException
                && !(failure instanceof StoreUnavailableException)
                && !(failure instanceof WriteConflictException);
        if (!perhaps) {
            return answer;
        }
        if (!isThere && !(failure instanceof RecordRefusedException)) {
            Answer check = ask(repository::check);
            if (!check.isGood()) {
                return check;
            }
        }
        return new Answer(answer.outcome(), failure, answer.took(), true, 0);
    }

    /** Stores the newest record before its turn, once in a round. When its turn comes, it is found stored. */
    private void triesNewest(CallRecord suspect) {
        CallRecord record = newest;
        if (newestWasTried || record == null || record.id().equals(suspect.id())) {
            return;
        }
        newestWasTried = true;
        Answer answer = store(List.of(record), true);
        if (answer.isProof() && isWell(answer, 0)) {
            passesLater = record;
            othersPass();
        }
    }

    /**
     * Counts refused records. After a few of them, with none that passed, the log tells of it. While the store refuses all records,
     * a few tries between two pauses are enough, since each try is a line in the store's own log.
     */
    private boolean isInTime() {
        refusedInThisRound++;
        if (refusedInThisRound == REFUSED_IN_A_ROUND) {
            tellThatNothingPasses();
        }
        return !allWereRefused || refusedInThisRound < REFUSED_IN_A_ROUND;
    }

    private void tellThatNothingPasses() {
        circuit.open("it refuses each one that was tried, at last with " + lastReason
                + ". Look for a missing right, a rule of row-level security, a trigger or a missing partition, and put it"
                + " right; nothing else is to be done");
    }

    /**
     * The whole batch was refused, or all that was left of it. If records behind it pass, these records are the reason; otherwise
     * the store is.
     */
    private boolean findsOthersThatPass() throws IOException {
        triesNewest(parts.suspects().get(0));
        if (parts.doOthersPass()) {
            return true;
        }
        while (!stopping) {
            if (behind == null || behind.isTried()) {
                Batch before = behind == null ? parts.batch() : behind.batch();
                Optional<Batch> next = spool.behind(before, BATCH);
                if (next.isEmpty()) {
                    return nothingPasses();
                }
                behind = new BatchInParts(next.get());
                continue;
            }
            List<CallRecord> part = behind.next();
            Answer answer = store(part, true);
            if (answer.isGood() && !answer.isProof()) {
                behind.stored();
            } else if (!answer.isRefusal()) {
                if (isWell(answer, 0)) {
                    // When their turn comes, after the refused records before them, they are found stored.
                    passesBehind = behind.batch();
                    othersPass();
                    return true;
                }
                return false;
            } else if (part.size() > 1) {
                behind.split();
            } else {
                behind.refused("");
                if (!isInTime()) {
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
        allWereRefused = true;
        behind = null;
        parts = null;
        tellThatNothingPasses();
        return false;
    }

    /** Makes one transaction for records that were set aside. Returns whether one was due and made progress. */
    private boolean retry() throws IOException {
        if (circuit.isOpen()) {
            return false;
        }
        List<CallRecord> part = retries.next();
        if (part.isEmpty()) {
            return false;
        }
        Answer answer = store(part, false);
        boolean refused = answer.isRefusal();
        if (answer.isLate() || refused && part.size() > 1) {
            retries.split();
        } else if (refused) {
            retries.refused(LogText.of(answer.failure(), part.get(0)));
        }
        if (refused) {
            return true;
        }
        boolean well = isWell(answer, 0);
        if (well) {
            retries.stored();
        }
        return well;
    }

    private void waitForMore() {
        if (System.nanoTime() - storedAt < ATTENTIVE_NANOS) {
            sleep(GATHER_NANOS);
            return;
        }
        idle = true;
        if (spool.waiting() == 0 && !stopping) {
            LockSupport.parkNanos(this, IDLE_NANOS);
        }
        idle = false;
        if (spool.waiting() > 0 && !stopping) {
            sleep(GATHER_NANOS);
        }
    }

    private void sleep(long nanos) {
        long until = System.nanoTime() + nanos;
        while (!stopping && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(this, until - System.nanoTime());
        }
    }

    private void adoptNowAndThen() throws IOException {
        boolean isNext = adoptsMore && spool.waiting() == 0;
        if (!isNext && System.nanoTime() - adoptedAt < ADOPT_NANOS) {
            return;
        }
        adoptedAt = System.nanoTime();
        oldRejected.takeOver();
        long adopted = spool.adopt();
        adoptsMore = adopted > 0;
        if (adopted > 0) {
            LOG.log(Level.INFO, adopted + " records that another deployment of this application left are taken over");
        }
    }

    private Answer ask(Attempt attempt) {
        Throwable[] failure = {null};
        Runnable task = () -> failure[0] = failureOf(attempt);
        long began = System.nanoTime();
        StoreThreads.Outcome outcome = threads.run(task, times.batch());
        if (outcome == StoreThreads.Outcome.NO_THREAD) {
            // The drainer's own thread is left to run the task. Nobody waits for this thread.
            task.run();
            outcome = StoreThreads.Outcome.DONE;
        }
        boolean done = outcome == StoreThreads.Outcome.DONE;
        return new Answer(outcome, done ? failure[0] : null, Duration.ofNanos(System.nanoTime() - began), false, 0);
    }

    /** Opens or closes the circuit, depending on how the attempt went. */
    private boolean isWell(Answer answer, int stored) {
        if (answer.outcome() == StoreThreads.Outcome.NOT_BEGUN) {
            return false;
        }
        if (answer.failure() instanceof WriteConflictException conflict) {
            tellOfConflict(conflict);
            return false;
        }
        conflictsInARow = 0;
        if (answer.isLate()) {
            circuit.open("it did not answer within " + times.batch().toSeconds() + " s");
            return false;
        }
        if (answer.failure() != null) {
            circuit.open(LogText.of(answer.failure()));
            return false;
        }
        countSinceOutage(stored);
        if (circuit.isOpen() && circuit.mayClose() && (isQuick(answer) || isQuick(ask(repository::check)))) {
            downSince = circuit.close();
            isOutage = false;
        }
        contactAt = System.nanoTime();
        tellWhenItIsOver();
        return true;
    }

    private void countSinceOutage(int stored) {
        if (circuit.isOpen() && !isOutage) {
            isOutage = true;
            storedSince = 0;
        }
        storedSince += stored;
    }

    /** Whether a caller would have had this answer in time. A batch may take longer than the one record of a caller. */
    private boolean isQuick(Answer answer) {
        return answer.outcome() == StoreThreads.Outcome.DONE
                && answer.failure() == null
                && answer.took().compareTo(times.caller()) <= 0;
    }

    private void tellOfConflict(WriteConflictException conflict) {
        conflictsInARow++;
        if (conflictsInARow % CONFLICTS_TO_TELL == 0) {
            LOG.log(
                    Level.WARNING,
                    "Another transaction has stood in the way of the records in " + spool.directory() + " "
                            + conflictsInARow + " times in a row: " + LogText.of(conflict)
                            + ". They wait and are tried again");
        }
    }

    /**
     * Returns null if there is no failure. A broken connection in the pool may be left from the last outage and need not mean a new
     * one. So while the circuit is closed, this makes as many attempts as for a caller's record.
     */
    private Throwable failureOf(Attempt attempt) {
        for (int left = circuit.isOpen() ? 1 : RetriedAttempts.MAX_ATTEMPTS; ; left--) {
            try {
                attempt.make();
                return null;
            } catch (StoreUnavailableException e) {
                if (left == 1) {
                    return e;
                }
            } catch (UsageStoreException | RuntimeException | Error e) {
                return e;
            }
            sleep(TimeUnit.MILLISECONDS.toNanos(RetriedAttempts.WAIT_MILLIS));
        }
    }

    /** When this returns, the records are on the disk, since they leave the spool next. */
    private void setAside() throws IOException {
        Iterator<Map.Entry<CallRecord, String>> refused =
                parts.refused().entrySet().iterator();
        if (!refused.hasNext()) {
            return;
        }
        while (refused.hasNext()) {
            Map.Entry<CallRecord, String> each = refused.next();
            CallRecord record = each.getKey();
            List<Rejected> gone = spool.rejected().add(record, each.getValue(), clock.instant());
            rejected.add("The store refuses a record while it takes others, " + LogText.of(record) + ": "
                    + each.getValue() + ". It is set aside in " + spool.directory()
                    + " and tried again by itself; GET /recording/rejected lists it");
            gone.forEach(this::tellOfDropped);
            refused.remove();
        }
        spool.rejected().force();
    }

    private void tellOfDropped(Rejected gone) {
        dropped.add("An LLM call is not recorded, " + LogText.of(gone.call())
                + ": records that the store refuses have reached a tenth of the spool, and this was the oldest. The store"
                + " said: " + gone.reason());
    }

    /** Tells that the outage is over, but not while more than one batch still waits. */
    private void tellWhenItIsOver() {
        if (downSince != null && spool.waiting() <= BATCH) {
            long seconds = Duration.between(downSince, Instant.now()).toSeconds();
            LOG.log(
                    Level.INFO,
                    "The store takes records again after " + seconds + " s; " + storedSince + " that waited in "
                            + spool.directory() + " are stored");
            downSince = null;
        }
    }

    private void tellHowItGoes() {
        long waiting = spool.waiting();
        if (waiting >= 10 * BATCH && System.nanoTime() - progressAt >= PROGRESS_NANOS) {
            progressAt = System.nanoTime();
            LOG.log(Level.INFO, "Records go from the spool to the store; " + waiting + " still wait");
        }
    }

    /**
     * How long an answer may take.
     *
     * @param caller for a caller's record; a slower answer keeps the circuit open
     * @param batch for a part of a batch; a slower answer counts as none
     */
    record Times(Duration caller, Duration batch) {}

    /**
     * How an attempt went.
     *
     * @param outcome whether it was made in time
     * @param failure how it failed; null if it went well, and if nobody knows
     * @param took how long that was
     * @param isRefusal whether the store was there, and refused what it was given
     * @param inserted how many rows are new
     */
    private record Answer(
            StoreThreads.Outcome outcome, Throwable failure, Duration took, boolean isRefusal, int inserted) {

        /** Whether the store has taken a new record. Records that were there already prove nothing about now. */
        boolean isProof() {
            return isGood() && inserted > 0;
        }

        boolean isGood() {
            return outcome == StoreThreads.Outcome.DONE && failure == null;
        }

        boolean isLate() {
            return outcome == StoreThreads.Outcome.LATE;
        }
    }
}
