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
 * Takes records from the spool to the store, in batches, on one thread: what earlier runs left first. While the store
 * takes none it tries again with growing pauses, and it alone tries; no breaker of the server's stands in its way.
 */
final class Drainer implements Runnable {

    /** How many records go to the store in one transaction. */
    static final int BATCH = 500;

    private static final Logger LOG = System.getLogger(Drainer.class.getName());

    /** So that a batch is more than the first record of a burst. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** How long it looks for more by itself after the last record: to be woken is what costs a caller most. */
    private static final long ATTENTIVE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long ADOPT_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** So that an outage shows also when nobody calls, in the log and in the health check. */
    private static final long CONTACT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A store that has not answered by then is asked again on another thread; the answer to the first does no harm. */
    static final Duration ANSWER = Duration.ofSeconds(30);

    /** With the pauses between them that is a minute and more. */
    private static final int CONFLICTS_TO_TELL = 20;

    private static final int REFUSED_IN_A_ROUND = 20;

    /** Records that were refused alone, one after the other, with none to compare them with. */
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
    /** What lies behind records of which none passes; null while nobody had to look there. */
    private BatchInParts behind;
    /** Up to where records were refused before another passed; null where none were. */
    private Batch passesBehind;

    /** One that passed before its turn, which is behind what was refused before; null where none did. */
    private CallRecord passesLater;

    /** Whether all that waits was tried since a record passed, so that there is no hurry. */
    private boolean allWereRefused;

    /** The last that was left to the spool. */
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

    /** The newest that waits: where others are refused, it may show that they are the reason. */
    void waits(CallRecord record) {
        newest = record;
    }

    /** Something was appended. Costs a caller next to nothing; answers whether it had to be woken, which costs more. */
    boolean wake() {
        if (!idle) {
            return false;
        }
        LockSupport.unpark(thread);
        return true;
    }

    /** Asks it to end: when the spool is empty, when the store fails, or at the latest then. */
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
            // Whoever interrupts a server's threads means another kind of waiting; stopping is asked for otherwise.
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

    /** Answers whether nothing stands in the way of the next. */
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
                // More may wait by the next try, and go along.
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
            // While a store is slow there is no hurry to find it slow again.
            return isWell(answer, 0) && !circuit.isOpen();
        }
        waitForMore();
        return true;
    }

    /** Has the next part of the batch stored; refused records are found by halving. Answers whether it got on. */
    private boolean settle() {
        List<CallRecord> part = parts.next();
        Answer answer = store(part, !parts.isUntouched());
        if (answer.isLate()) {
            // Perhaps the link is too slow for so many.
            parts.split();
        }
        if (answer.isRefusal()) {
            return refused(part, answer.failure());
        }
        if (answer.isGood() && !answer.isProof()) {
            // They were there already, which does not say that the store takes any now.
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
     * Finds out whether a failure is a refusal, and no outage. Which failures a single row may cause, no list tells: a customer's
     * trigger throws what it likes.
     *
     * @param isThere whether the store is known to be there
     * @return the same, or what the store answers when it is asked whether it takes any
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

    /** Once in a round: stores the newest before its turn, in which it is then found stored. */
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
     * After a few that were refused, with none that passed, it is told. While the store refuses all, so few tries between two
     * pauses are enough: each is a line in its own log.
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

    /** All of the batch was refused, or what was left of it. If others behind it pass, it is these records; else it is the store. */
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
                    // They are found stored when their turn comes, after what was refused before them.
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
            // There is none to compare it with, and what the store says is what it says of values.
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

    /** One transaction for records that were set aside. Answers whether one was due and got on. */
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
            // This one is left, and nobody waits for it.
            task.run();
            outcome = StoreThreads.Outcome.DONE;
        }
        boolean done = outcome == StoreThreads.Outcome.DONE;
        return new Answer(outcome, done ? failure[0] : null, Duration.ofNanos(System.nanoTime() - began), false, 0);
    }

    /** Opens or closes the circuit, as the attempt went. */
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

    /** Whether a caller would have had the answer in time; many records may take longer than a caller's one. */
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
     * Null when there is none. A connection that an outage has left in the pool is not yet the next outage, so while the
     * circuit is closed there are as many attempts as a caller's record gets.
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

    /** The records are on the disk when this returns, as they then leave the spool. */
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

    /** While more wait than the batch that was just stored, it is not. */
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
     * @param caller for a caller's record: what is slower keeps the circuit open
     * @param batch for a part of a batch: what is slower is taken for no answer
     */
    record Times(Duration caller, Duration batch) {}

    /**
     * How an attempt went.
     *
     * @param outcome whether it was made in time
     * @param failure how it ended; null where it went well, and where nobody knows
     * @param took how long that was
     * @param isRefusal whether the store was there, and refused what it was given
     * @param inserted how many rows are new
     */
    private record Answer(
            StoreThreads.Outcome outcome, Throwable failure, Duration took, boolean isRefusal, int inserted) {

        /** Whether the store was seen to take a record; those that were there already say nothing of now. */
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
