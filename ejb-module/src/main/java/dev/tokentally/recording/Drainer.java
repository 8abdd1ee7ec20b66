package dev.tokentally.recording;

import dev.tokentally.recording.spool.Batch;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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

    private final Spool spool;
    private final UsageRepository repository;
    private final Circuit circuit;
    private final StoreThreads threads;
    private final RejectedFile rejectedFile;
    private final Summary rejected;
    private final List<Summary> summaries;

    private final Times times;

    private BatchInParts parts;
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
            RejectedFile rejectedFile,
            Times times,
            List<Summary> summaries) {
        this.spool = spool;
        this.repository = repository;
        this.circuit = circuit;
        this.threads = threads;
        this.rejectedFile = rejectedFile;
        this.times = times;
        this.rejected = new Summary(LOG, "records were rejected", System::nanoTime);
        this.summaries = summaries;
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
                        "The records in " + spool.directory() + " wait, as the spool cannot be read: " + LogText.of(e));
                well = false;
            }
            rejected.tick();
            summaries.forEach(Summary::tick);
            if (well) {
                pause = SHORTEST_PAUSE_NANOS;
            } else if (stopping) {
                break;
            } else {
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
                return hasNothingToDo();
            }
            parts = new BatchInParts(batch.get());
        }
        if (!parts.isSettled() && !settle()) {
            if (parts.isUntouched()) {
                // More may wait by the next try, and go along.
                parts = null;
            }
            return false;
        }
        if (parts.isSettled()) {
            spool.done(parts.batch());
            parts = null;
            storedAt = System.nanoTime();
            tellHowItGoes();
        }
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
    private boolean settle() throws IOException {
        List<CallRecord> part = parts.next();
        Answer answer = ask(() -> repository.storeAll(part));
        if (answer.isLate()) {
            // Perhaps the link is too slow for so many.
            parts.split();
        }
        boolean refused = answer.failure() instanceof RecordRefusedException;
        if (!isWell(answer, refused ? 0 : part.size())) {
            return false;
        }
        if (!refused) {
            parts.settled();
        } else if (part.size() > 1) {
            parts.split();
        } else {
            reject(part.get(0), (RecordRefusedException) answer.failure());
            parts.settled();
        }
        return true;
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
        return new Answer(outcome, done ? failure[0] : null, Duration.ofNanos(System.nanoTime() - began));
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
        if (answer.failure() != null && !(answer.failure() instanceof RecordRefusedException)) {
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
                && (answer.failure() == null || answer.failure() instanceof RecordRefusedException)
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

    private void reject(CallRecord record, RecordRefusedException refusal) throws IOException {
        String reason = LogText.of(refusal);
        rejectedFile.append(record, reason);
        rejected.add("The store refuses a record for what is in it, tenant=" + record.tenantId() + " operation="
                + record.operation() + " id=" + record.id() + ": " + reason + ". It is kept in " + rejectedFile.path());
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
     */
    private record Answer(StoreThreads.Outcome outcome, Throwable failure, Duration took) {

        boolean isLate() {
            return outcome == StoreThreads.Outcome.LATE;
        }
    }
}
