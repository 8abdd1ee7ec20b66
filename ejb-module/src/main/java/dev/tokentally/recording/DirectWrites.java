package dev.tokentally.recording;

import dev.tokentally.recording.Circuit.Pass;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageRepository.Readiness;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/** Writes single records for callers, which wait for it. It makes up to three attempts within a limited time. */
final class DirectWrites {

    /**
     * After so many failed calls in a row the circuit opens, also on a server that ignores Fault Tolerance. Their attempts would
     * fill the volume of {@link GuardedAttempts}.
     */
    private static final int FAILED_CALLS = GuardedAttempts.VOLUME / (RetriedAttempts.MAX_ATTEMPTS - 1);

    /**
     * If the attempts failed within this time, the store has answered quickly. Three attempts that fail at once take half of it.
     */
    private static final long QUICK_NANOS = TimeUnit.MILLISECONDS.toNanos(6L * RetriedAttempts.WAIT_MILLIS);

    private static final Duration RETRY_PAUSE = Duration.ofMillis(RetriedAttempts.WAIT_MILLIS);

    private static final Duration A_MOMENT = Duration.ofMillis(10);

    /**
     * How long a record waits for a store that was not reached yet: the time of three attempts. The drainer's shortest pause is
     * shorter.
     */
    private static final long A_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final UsageRepository repository;
    private final RetryPolicy policy;
    private final Circuit circuit;
    private final StoreThreads threads;
    private final Duration maxWait;
    private final Ticker ticker;
    private final Runnable hurry;
    private final AtomicInteger failedInARow = new AtomicInteger();

    /**
     * Writes by these means.
     *
     * @param hurry makes the drainer ask soon whether the store is back
     */
    DirectWrites(
            UsageRepository repository,
            RetryPolicy policy,
            Circuit circuit,
            StoreThreads threads,
            Duration maxWait,
            Ticker ticker,
            Runnable hurry) {
        this.repository = repository;
        this.policy = policy;
        this.circuit = circuit;
        this.threads = threads;
        this.maxWait = maxWait;
        this.ticker = ticker;
        this.hurry = hurry;
    }

    /** Begins the write of a record. Nothing is tried yet, but the time begins for which its caller may wait. */
    DirectWrite of(CallRecord record) {
        return new DirectWrite(record);
    }

    private void attempts(RecordWrite write) {
        make(write);
        if (write.isWorthAnotherAttempt() && (!policy.isLive() || retry(write))) {
            moreAttempts(write);
        }
    }

    /** The attempts that are left. The server's circuit breaker does not prevent them. */
    private void otherAttempts(RecordWrite write) {
        make(write);
        moreAttempts(write);
    }

    private void moreAttempts(RecordWrite write) {
        while (write.isWorthAnotherAttempt()) {
            pause();
            make(write);
        }
    }

    /**
     * Lets {@code @Retry} make the second and third attempt. The first runs without it, since most writes need only one; {@code
     * @Retry} learns of it because its failure is thrown again. Returns whether the circuit breaker let the attempts through.
     */
    private boolean retry(RecordWrite write) {
        Throwable first = write.failure();
        boolean[] heard = {false};
        try {
            policy.retried().make(() -> {
                if (!heard[0]) {
                    heard[0] = true;
                    throw (StoreUnavailableException) first;
                }
                policy.guarded().make(write);
            });
        } catch (CircuitBreakerOpenException stopped) {
            // The first attempt of this write has just failed, too. So the breaker is open because of the present
            // outage.
            failedInARow.set(FAILED_CALLS);
            return false;
        } catch (UsageStoreException | RuntimeException e) {
            // The write remembers its failure. Fault Tolerance may not work here, or may give up early.
        }
        return true;
    }

    private static void make(RecordWrite write) {
        try {
            write.make();
        } catch (UsageStoreException | RuntimeException e) {
            // The write remembers its failure, and says whether another attempt is worth it.
        }
    }

    /** An interrupt is dropped. The thread is one of those that talk to the store, and nobody interrupts these on purpose. */
    private void pause() {
        ticker.sleep(this, RETRY_PAUSE, () -> false);
    }

    /**
     * Who makes the second and third attempt.
     *
     * @param retried makes them by the server's {@code @Retry}
     * @param guarded stops them by the server's circuit breaker
     * @param isLive whether the server carries out {@code @Retry}; if not, the recorder makes these attempts itself
     */
    record RetryPolicy(RetriedAttempts retried, GuardedAttempts guarded, boolean isLive) {}

    /** The write of one record, for one caller. Used by one thread. */
    final class DirectWrite {

        private final CallRecord record;
        private final RecordWrite write;
        private final long start;
        private boolean isLate;
        private boolean interrupted;

        private DirectWrite(CallRecord record) {
            this.record = record;
            this.write = new RecordWrite(repository, record);
            this.start = ticker.nanoTime();
        }

        /** Writes the record, unless the circuit is open. Returns whether it is stored. If not, it may still arrive later. */
        boolean write() {
            return isReady() && write(circuit.admit(), () -> attempts(write), false);
        }

        /**
         * Writes the record, which the spool does not take. It writes even if the circuit or the server's circuit breaker is open.
         * It waits for the store's preparation and for a free thread. If another caller is trying a store that does not answer, it
         * waits for the result of that try. Returns whether it is stored.
         */
        boolean writeWithoutSpool() {
            try {
                return writeWhenAdmitted();
            } finally {
                interruptAgain();
            }
        }

        private boolean writeWhenAdmitted() {
            if (isLate || write.isEnded() || !awaitReady()) {
                return false;
            }
            Pass pass = circuit.admitWithoutSpool();
            while (pass == Pass.NONE && circuit.isProbed() && left().compareTo(A_MOMENT) > 0) {
                waitAMoment();
                pass = circuit.admitWithoutSpool();
            }
            return write(pass, () -> otherAttempts(write), true);
        }

        /**
         * Writes the record as {@link #writeWithoutSpool} does. The spool has it, too, but perhaps not for long. Returns whether it
         * is stored.
         */
        boolean writeBesideSpool() {
            if (isLate) {
                return false;
            }
            write.mayBeStored();
            return writeWithoutSpool();
        }

        /**
         * Writes the record, which the spool does not take, on the calling thread, for which nobody waits. It does not wait for another
         * caller's try. Returns whether it is stored.
         */
        boolean writeHere() {
            try {
                return writeOnThisThread();
            } finally {
                interruptAgain();
            }
        }

        private boolean writeOnThisThread() {
            Pass pass = awaitReady() ? circuit.admitWithoutSpool() : Pass.NONE;
            if (pass == Pass.NONE) {
                return false;
            }
            boolean isTold = false;
            try {
                long began = ticker.nanoTime();
                otherAttempts(write);
                ended(pass, began);
                isTold = true;
            } finally {
                if (!isTold) {
                    circuit.undecided(pass);
                }
            }
            return write.isStored();
        }

        /** An interrupt is kept for the caller. As long as the thread is interrupted, it could not wait. */
        private void waitAMoment() {
            interrupted |= Thread.interrupted();
            ticker.park(this, A_MOMENT.toNanos());
        }

        private void interruptAgain() {
            if (interrupted) {
                interrupted = false;
                Thread.currentThread().interrupt();
            }
        }

        private boolean isReady() {
            return repository.readiness() == Readiness.READY;
        }

        /**
         * Waits while a store that was away at the start is being prepared. If the store was not reached yet, waits only until the
         * drainer has asked it once.
         */
        private boolean awaitReady() {
            long began = ticker.nanoTime();
            Readiness readiness = repository.readiness();
            while (readiness != Readiness.READY
                    && left().compareTo(A_MOMENT) > 0
                    && (readiness == Readiness.BEING_PREPARED || ticker.nanoTime() - began < A_LOOK_NANOS)) {
                hurry.run();
                waitAMoment();
                readiness = repository.readiness();
            }
            return readiness == Readiness.READY;
        }

        private boolean write(Pass pass, Runnable attempts, boolean waitsForThread) {
            if (pass == Pass.NONE) {
                return false;
            }
            boolean isTold = false;
            try {
                long began = ticker.nanoTime();
                StoreThreads.Outcome outcome = threads.run(attempts, left());
                while (outcome == StoreThreads.Outcome.NOT_BEGUN && waitsForThread && left().compareTo(A_MOMENT) > 0) {
                    waitAMoment();
                    began = ticker.nanoTime();
                    outcome = threads.run(attempts, left());
                }
                isLate = outcome == StoreThreads.Outcome.LATE;
                if (isLate && hadEnoughTime(began)) {
                    late(pass);
                    isTold = true;
                } else if (outcome == StoreThreads.Outcome.DONE) {
                    ended(pass, began);
                    isTold = true;
                }
            } finally {
                if (!isTold) {
                    circuit.undecided(pass);
                }
            }
            return !isLate && write.isStored();
        }

        /**
         * Whether the write began early enough for a late answer to mean that the store is slow. It did not if it waited for a
         * thread for more than half of the time.
         */
        private boolean hadEnoughTime(long began) {
            return began - start < maxWait.toNanos() / 2;
        }

        private Duration left() {
            return maxWait.minusNanos(ticker.nanoTime() - start);
        }

        private void late(Pass pass) {
            circuit.late(pass, "it did not answer within " + maxWait.toMillis() + " ms");
        }

        private void ended(Pass pass, long began) {
            long took = ticker.nanoTime() - began;
            if (took > maxWait.toNanos()) {
                late(pass);
            } else if (write.isStored()) {
                circuit.inTime(pass);
            } else if (took > QUICK_NANOS) {
                circuit.inVain(pass);
            } else if (write.failure() instanceof StoreUnavailableException) {
                circuit.failed(pass);
            } else if (write.failure() == null || write.failure() instanceof Error) {
                // Memory may be short, for example. Perhaps the store was not asked at all.
                circuit.undecided(pass);
            } else {
                circuit.answered(pass);
            }
            if (write.isStored()) {
                failedInARow.set(0);
            } else {
                failed(write.failure());
            }
        }

        private void failed(Throwable failure) {
            if (failure == null
                    || failure instanceof RecordRefusedException
                    || failure instanceof WriteConflictException) {
                return;
            }
            if (failedInARow.incrementAndGet() >= FAILED_CALLS) {
                circuit.open(LogText.of(failure, record));
            }
        }
    }
}
