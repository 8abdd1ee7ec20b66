package dev.tokentally.recording;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.text.QuietLog;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageRepository.Readiness;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The store as the drainer sees it. It asks the store on another thread, tells a refusal from an outage, opens and closes the
 * circuit, and logs when an outage is over. Used by one thread; {@link #stop} may be called by any.
 */
final class StoreLink {

    /** If the store has not answered by then, it is asked again on another thread. A late answer to the first does no harm. */
    static final Duration ANSWER = Duration.ofSeconds(30);

    /**
     * If a connection fails only after this time, there perhaps was a connection, and a driver's {@code socketTimeout} has ended the
     * wait for an answer. A connection that is refused fails much faster.
     */
    private static final Duration PERHAPS_CUT_OFF = Duration.ofSeconds(1);

    private static final Logger LOG = QuietLog.of(StoreLink.class);

    private static final Duration RETRY_PAUSE = Duration.ofMillis(RetriedAttempts.WAIT_MILLIS);

    /** How often it asks the store when there are no calls, so that the log and the health check show an outage then too. */
    private static final long CONTACT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How an attempt has failed until it ends. If not even its failure can be told, it must not count as a success. */
    private static final Error NOT_ENDED = new Error("the attempt did not come to its end");

    /** After so many conflicts in a row the log tells of them. With the pauses in between this takes a minute or more. */
    private static final int CONFLICTS_TO_TELL = 20;

    private final Spool spool;
    private final UsageRepository repository;
    private final Circuit circuit;
    private final StoreThreads threads;
    private final Clock clock;
    private final Ticker ticker;
    private final Times times;
    private final PartSize size = new PartSize();

    private volatile boolean stopping;
    private long contactAt;
    private Instant downSince;
    private boolean isOutage;
    private long storedSince;
    private int conflictsInARow;

    StoreLink(
            Spool spool,
            UsageRepository repository,
            Circuit circuit,
            StoreThreads threads,
            Clock clock,
            Ticker ticker,
            Times times) {
        this.spool = spool;
        this.repository = repository;
        this.circuit = circuit;
        this.threads = threads;
        this.clock = clock;
        this.ticker = ticker;
        this.times = times;
        this.contactAt = ticker.nanoTime();
    }

    /** How many records to store in one transaction at most. */
    int atMost() {
        return size.atMost();
    }

    /** Lets a try that waits for its next attempt go on at once. */
    void stop() {
        stopping = true;
    }

    boolean isDown() {
        return circuit.isOpen();
    }

    /** Opens the circuit: calls leave their records to the spool. */
    void down(String reason) {
        circuit.open(reason);
    }

    /** Whether the drainer must ask the store for its state: it is down, not prepared, or was not asked for a while. */
    boolean isToBeAsked() {
        return circuit.isOpen()
                || repository.readiness() != Readiness.READY
                || ticker.nanoTime() - contactAt >= CONTACT_NANOS;
    }

    /** Asks whether the store takes records. */
    Answer check() {
        return ask(repository::check);
    }

    /**
     * Stores records in one transaction.
     *
     * @param isThere whether the store is known to be there
     */
    Answer store(List<CallRecord> part, boolean isThere) {
        AtomicInteger inserted = new AtomicInteger();
        Answer answer = judged(ask(() -> inserted.set(repository.storeAll(part).size())), isThere);
        boolean isOnlyTooMany = answer.perhapsTooMany() && size.tooMany(part.size());
        if (answer.isGood()) {
            size.stored(part.size());
        }
        return new Answer(
                answer.outcome(), answer.failure(), answer.took(), answer.isRefusal(), inserted.get(), isOnlyTooMany);
    }

    /** Makes the store count records that came too late. Returns whether it did. */
    boolean countTooOld(long records) {
        return ask(() -> repository.countTooOld(records)).isGood();
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
            Answer check = check();
            if (!check.isGood()) {
                return check;
            }
        }
        return new Answer(answer.outcome(), failure, answer.took(), true, 0, false);
    }

    private Answer ask(Attempt attempt) {
        Throwable[] failure = {NOT_ENDED};
        Runnable task = () -> failure[0] = failureOf(attempt);
        long began = ticker.nanoTime();
        StoreThreads.Outcome outcome = threads.run(task, times.batch());
        if (outcome == StoreThreads.Outcome.NO_THREAD) {
            // The drainer's own thread is left to run the task. Nobody waits for this thread.
            task.run();
            outcome = StoreThreads.Outcome.DONE;
        }
        boolean done = outcome == StoreThreads.Outcome.DONE;
        return new Answer(
                outcome, done ? failure[0] : null, Duration.ofNanos(ticker.nanoTime() - began), false, 0, false);
    }

    /** Returns null if it went well. If memory is short, anything may throw an Error, also the pause between two attempts. */
    private Throwable failureOf(Attempt attempt) {
        try {
            makeAttempts(attempt);
            return null;
        } catch (UsageStoreException | RuntimeException | Error e) {
            return e;
        }
    }

    /**
     * A broken connection may be a leftover of the last outage and need not mean that a new outage has begun. So while the circuit is
     * closed, this makes as many attempts as for a caller's record.
     */
    private void makeAttempts(Attempt attempt) throws UsageStoreException {
        for (int left = circuit.isOpen() ? 1 : RetriedAttempts.MAX_ATTEMPTS; ; left--) {
            try {
                attempt.make();
                return;
            } catch (StoreUnavailableException e) {
                if (left == 1) {
                    throw e;
                }
            }
            ticker.sleep(this, RETRY_PAUSE, () -> stopping);
        }
    }

    /**
     * Opens or closes the circuit, depending on how the attempt went.
     *
     * @param stored how many records that waited in the spool are stored
     * @return whether it went well
     */
    boolean conclude(Answer answer, int stored) {
        if (answer.outcome() == StoreThreads.Outcome.NOT_BEGUN || answer.isOnlyTooMany()) {
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
        if (isQuick(answer)) {
            if (answer.isProof()) {
                circuit.answered();
            } else if (circuit.isOpen()) {
                circuit.probeSoon();
            }
        }
        if (circuit.isOpen() && circuit.mayClose()) {
            Answer latest = isQuick(answer) ? answer : check();
            if (isQuick(latest)) {
                downSince = circuit.close();
                isOutage = false;
            }
        }
        contactAt = ticker.nanoTime();
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
        return answer.isGood() && answer.took().compareTo(times.caller()) <= 0;
    }

    private void tellOfConflict(WriteConflictException conflict) {
        conflictsInARow++;
        if (conflictsInARow % CONFLICTS_TO_TELL == 0) {
            LOG.log(
                    Level.WARNING,
                    "Another transaction was in the way of the records in " + spool.directory() + " "
                            + conflictsInARow + " times in a row: " + LogText.of(conflict)
                            + ". They wait and are tried again");
        }
    }

    /** Logs that the outage is over. Waits with that until at most one batch is left in the spool. */
    private void tellWhenItIsOver() {
        if (downSince != null && spool.waiting() <= Drainer.BATCH) {
            long seconds = Duration.between(downSince, clock.instant()).toSeconds();
            LOG.log(
                    Level.INFO,
                    "The store takes records again after " + seconds + " s; " + storedSince + " that waited in "
                            + spool.directory() + " are stored");
            downSince = null;
        }
    }

    /**
     * How long an answer may take.
     *
     * @param caller the limit for a caller's record; a slower answer keeps the circuit open
     * @param batch the limit for a part of a batch; a slower answer counts as no answer
     */
    record Times(Duration caller, Duration batch) {}

    /**
     * How an attempt went.
     *
     * @param outcome whether it was made in time
     * @param failure how it failed; null if it went well, or if that is not known
     * @param took how long that was
     * @param isRefusal whether the store was there, and refused what it was given
     * @param inserted how many rows are new
     * @param isOnlyTooMany whether more records than before were tried and got no answer in time, which is no outage
     */
    record Answer(
            StoreThreads.Outcome outcome,
            Throwable failure,
            Duration took,
            boolean isRefusal,
            int inserted,
            boolean isOnlyTooMany) {

        /**
         * Whether the store has taken a new record. Records that were there already do not prove that the store takes records now.
         */
        boolean isProof() {
            return isGood() && inserted > 0;
        }

        boolean isGood() {
            return outcome == StoreThreads.Outcome.DONE && failure == null;
        }

        boolean isLate() {
            return outcome == StoreThreads.Outcome.LATE;
        }

        /** Whether fewer records might have been stored in time. If the store is away, fewer records do no harm. */
        boolean perhapsTooMany() {
            return isLate() || (failure instanceof StoreUnavailableException && took.compareTo(PERHAPS_CUT_OFF) >= 0);
        }

        /** Whether the store has answered, whatever it said. */
        boolean isAnswer() {
            return isGood() || isRefusal || isConflict();
        }

        /** Whether the store was there, and another transaction stood in the way. */
        boolean isConflict() {
            return failure instanceof WriteConflictException;
        }
    }
}
