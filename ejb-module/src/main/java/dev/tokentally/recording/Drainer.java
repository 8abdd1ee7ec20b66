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

    /** How long a pause lasts at least before a new record ends it. */
    private static final Duration REST = Duration.ofSeconds(1);

    /** The shortest pause, even if a caller without room in the spool asks the drainer to hurry. */
    static final Duration MIN_PAUSE = Duration.ofMillis(200);

    /** After a round that took long, a pause lasts at least so many times as long. */
    private static final int PAUSE_FACTOR = 4;

    private final Spool spool;
    private final StoreLink store;
    private final Ticker ticker;
    private final Arrivals arrivals;
    private final SetAside setAside;
    private final Adoption adoption;
    private final Conflicts conflicts;
    private final Suspicion suspicion;
    private final Summary refused;
    private final List<Summary> summaries;

    private BatchInParts parts;
    /** Whether the last part of this batch had an answer from the store. */
    private boolean storeIsThere;

    /** The kinds of unexpected failures that the log has told of since it last went well. */
    private final Set<Class<?>> unexpected = new HashSet<>();

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
        this.conflicts = new Conflicts(spool, store);
        this.suspicion = new Suspicion(spool, store, arrivals, conflicts);
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
            conflicts.roundBegins();
            suspicion.roundBegins();
            long began = ticker.nanoTime();
            Round round = round();
            summaries.forEach(Summary::tick);
            if (round == Round.GOES_ON) {
                unexpected.clear();
                failures = conflicts.wereMet() ? failures : 0;
            } else if (arrivals.isStopping()) {
                break;
            } else {
                failures++;
                pause(BackOff.STORE.after(failures), Duration.ofNanos(ticker.nanoTime() - began), round.isAnswered());
            }
        }
        refused.tellTheRest();
    }

    private Round round() {
        try {
            ensureHeartbeat();
            return step();
        } catch (SpoolClosedException stopped) {
            // What the store did not take stays in the spool, for the next deployment.
            return Round.UNANSWERED;
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
        return Round.UNANSWERED;
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

    private Round step() throws IOException {
        adoption.nowAndThen();
        if (parts == null) {
            Optional<Batch> batch = spool.next(store.atMost());
            if (batch.isEmpty()) {
                suspicion.nothingWaits();
                return setAside.retry() ? Round.GOES_ON : idle();
            }
            parts = new BatchInParts(batch.get());
            storeIsThere = false;
            suspicion.begins(parts);
        }
        Round round = parts.isTried() ? Round.GOES_ON : settle();
        if (round != Round.GOES_ON) {
            if (parts.isUntouched()) {
                // At the next try more records may be waiting, and the batch then includes them.
                parts = null;
            }
            return round;
        }
        if (parts.isTried() && !parts.suspects().isEmpty()) {
            round = suspicion.findOthersThatPass(parts);
            if (round == Round.ALL_REFUSED) {
                parts = null;
            }
            return round;
        }
        if (parts.isTried()) {
            setAside.add(parts.refused());
            setAside.addTooOld(parts.tooOld());
            spool.done(parts.batch());
            suspicion.ends(parts.batch());
            parts = null;
            storedAt = ticker.nanoTime();
            tellHowItGoes();
        }
        setAside.retry();
        return Round.GOES_ON;
    }

    private Round idle() {
        if (!store.isToBeAsked()) {
            waitForMore();
            return Round.GOES_ON;
        }
        if (!store.conclude(store.check(), 0)) {
            return Round.UNANSWERED;
        }
        // While the store is slow, there is no hurry to ask it again.
        return store.isDown() ? Round.ANSWERED : Round.GOES_ON;
    }

    /** Stores the next part of the batch. Refused records are found by halving. */
    private Round settle() {
        List<CallRecord> part = parts.next(store.atMost());
        Answer answer = store.store(part, storeIsThere);
        storeIsThere = answer.isAnswer();
        if (answer.isRefusal()) {
            return suspicion.refused(parts, part, answer.failure());
        }
        if (answer.isConflict()) {
            return conflicts.meet(parts, part, answer);
        }
        if (answer.isGood() && !answer.isProof()) {
            // The records were there already, so this does not prove that the store takes records now.
            parts.stored(part);
            return Round.GOES_ON;
        }
        if (!store.conclude(answer, part.size())) {
            return Round.UNANSWERED;
        }
        parts.stored(part);
        suspicion.othersPass(parts);
        return Round.GOES_ON;
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
    private void pause(Duration time, Duration round, boolean storeAnswers) {
        long until = ticker.nanoTime() + time.toNanos();
        if (!storeAnswers) {
            long least = Math.max(MIN_PAUSE.toNanos(), round.toNanos() * PAUSE_FACTOR);
            arrivals.sleep(Duration.ofNanos(Math.min(least, time.toNanos())));
        }
        boolean isOver = false;
        while (!isOver) {
            Duration left = Duration.ofNanos(until - ticker.nanoTime());
            arrivals.pause(storeAnswers && left.compareTo(REST) > 0 ? REST : left);
            arrivals.await(() -> suspicion.hasSeenNewest() && !arrivals.isHurried(), until - ticker.nanoTime());
            isOver = arrivals.isStopping()
                    || arrivals.isHurried()
                    || ticker.nanoTime() - until >= 0
                    || suspicion.tryNewRecord(parts);
        }
        arrivals.calm();
        suspicion.pauseEnds();
        conflicts.pauseEnds();
    }

    private void tellHowItGoes() {
        long waiting = spool.waiting();
        if (waiting >= 10 * BATCH && ticker.nanoTime() - progressAt >= PROGRESS_NANOS) {
            progressAt = ticker.nanoTime();
            LOG.log(Level.INFO, "Records go from the spool to the store; " + waiting + " still wait");
        }
    }
}
