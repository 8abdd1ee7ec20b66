package dev.tokentally.recording;

import dev.tokentally.recording.Circuit.Pass;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/** Writes single records for callers, which wait for it. It makes up to three attempts within a limited time. */
final class DirectWrites {

    /**
     * The number of failed calls that would fill the volume of {@link GuardedAttempts}. It is for servers that ignore Fault
     * Tolerance there.
     */
    private static final int FAILED_CALLS = GuardedAttempts.VOLUME / (RetriedAttempts.MAX_ATTEMPTS - 1);

    /** Three attempts that fail at once take half of this. */
    private static final long QUICK_NANOS = TimeUnit.MILLISECONDS.toNanos(6L * RetriedAttempts.WAIT_MILLIS);

    private final UsageRepository repository;
    private final RetriedAttempts retried;
    private final GuardedAttempts guarded;
    private final boolean faultToleranceIsLive;
    private final Circuit circuit;
    private final StoreThreads threads;
    private final Duration maxWait;
    private final AtomicInteger failedInARow = new AtomicInteger();

    DirectWrites(
            UsageRepository repository,
            RetriedAttempts retried,
            GuardedAttempts guarded,
            boolean faultToleranceIsLive,
            Circuit circuit,
            StoreThreads threads,
            Duration maxWait) {
        this.repository = repository;
        this.retried = retried;
        this.guarded = guarded;
        this.faultToleranceIsLive = faultToleranceIsLive;
        this.circuit = circuit;
        this.threads = threads;
        this.maxWait = maxWait;
    }

    /** Writes a record, unless the circuit is open. */
    Written write(CallRecord record) {
        return write(record, circuit.admit(), true);
    }

    /** Writes a record that the spool does not take. Neither an open circuit nor an open circuit breaker prevents it. */
    Written writeWithoutSpool(CallRecord record) {
        return write(record, circuit.admitWithoutSpool(), false);
    }

    private Written write(CallRecord record, Pass pass, boolean breakerCounts) {
        if (pass == Pass.NONE) {
            return Written.NOT_TRIED;
        }
        RecordWrite write = new RecordWrite(repository, record);
        long began = System.nanoTime();
        StoreThreads.Outcome outcome;
        try {
            outcome = threads.run(() -> attempt(write, breakerCounts), maxWait);
        } catch (RuntimeException | Error failure) {
            circuit.undecided(pass);
            throw failure;
        }
        return switch (outcome) {
            case DONE -> {
                if (write.isStored()) {
                    failedInARow.set(0);
                    circuit.inTime(pass);
                    yield Written.STORED;
                }
                if (System.nanoTime() - began < QUICK_NANOS) {
                    circuit.answered(pass);
                } else {
                    circuit.inVain(pass);
                }
                failed(write.failure(), record);
                yield Written.NOT_STORED;
            }
            case LATE -> {
                circuit.late(pass, "it did not answer within " + maxWait.toMillis() + " ms");
                yield Written.NOT_STORED;
            }
            case NOT_BEGUN, NO_THREAD -> {
                circuit.undecided(pass);
                yield Written.NOT_TRIED;
            }
        };
    }

    private void attempt(RecordWrite write, boolean breakerCounts) {
        make(write);
        if (write.isWorthAnotherAttempt() && (!faultToleranceIsLive || isRetried(write) || !breakerCounts)) {
            while (write.isWorthAnotherAttempt() && pause()) {
                make(write);
            }
        }
    }

    /**
     * Lets {@code @Retry} make the second and third attempt. The first runs without it, since most writes need only one; {@code
     * @Retry} learns of it because its failure is thrown again. Returns whether the circuit breaker let the attempts through.
     */
    private boolean isRetried(RecordWrite write) {
        Throwable first = write.failure();
        boolean[] heard = {false};
        try {
            retried.make(() -> {
                if (!heard[0]) {
                    heard[0] = true;
                    throw (StoreUnavailableException) first;
                }
                guarded.make(write);
            });
        } catch (CircuitBreakerOpenException stopped) {
            // The store has just failed this write too, so the state of the breaker is not out of date.
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

    private static boolean pause() {
        try {
            Thread.sleep(RetriedAttempts.WAIT_MILLIS);
            return true;
        } catch (InterruptedException stopping) {
            return false;
        }
    }

    private void failed(Throwable failure, CallRecord record) {
        if (failure == null || failure instanceof RecordRefusedException || failure instanceof WriteConflictException) {
            return;
        }
        if (failedInARow.incrementAndGet() >= FAILED_CALLS) {
            circuit.open(LogText.of(failure, record));
        }
    }

    /** How a write went. */
    enum Written {
        STORED,
        /** It failed or is late. A late record may still arrive. */
        NOT_STORED,
        NOT_TRIED
    }
}
