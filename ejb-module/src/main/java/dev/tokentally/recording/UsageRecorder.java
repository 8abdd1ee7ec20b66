package dev.tokentally.recording;

import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.RecordingMode;
import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.recording.spool.RejectedRecords;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolClosedException;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes records arrive. Each goes to the store. If the store does not take it in time, it goes to the spool on the local disk, and
 * from there to the store later. Never throws. A record is lost only if neither takes it, which is an ERROR in the log and counted.
 * Safe for use by many threads.
 */
@ApplicationScoped
public class UsageRecorder {

    private static final Logger LOG = System.getLogger(UsageRecorder.class.getName());

    /** How long the application's stop waits for the spool to be emptied. */
    private static final Duration LAST_DRAIN = Duration.ofSeconds(5);

    /** How long it then waits for writes that are still under way, since the store is closed afterwards. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(5);

    private static final SingleThread.Purpose DRAINING = new SingleThread.Purpose(
            "tokentally-drainer",
            "bring records from the spool to the store",
            "They wait in the spool; it is tried again when a record comes");

    private final Settings settings;
    private final UsageRepository repository;
    private final RetriedAttempts retried;
    private final GuardedAttempts guarded;
    private final CallersTransaction transaction;
    private final DeployedApplication application;
    private final Summary dropped = new Summary(LOG, "records were lost", Ticker.SYSTEM);
    private final Summary withoutScope =
            new Summary(LOG, "calls were made outside a call scope and are not recorded", Ticker.SYSTEM);
    private final AtomicBoolean forceIsDue = new AtomicBoolean();

    private SpoolOptions options;
    private Spool spool;
    private Circuit circuit;
    private volatile DirectWrites direct;
    private volatile Drainer drainer;
    private volatile StoreThreads threads;
    private volatile SingleThread drainerThread;
    private boolean stopped;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected UsageRecorder() {
        this(null, null, null, null, null, null);
    }

    @Inject
    UsageRecorder(
            Settings settings,
            UsageRepository repository,
            RetriedAttempts retried,
            GuardedAttempts guarded,
            CallersTransaction transaction,
            DeployedApplication application) {
        this.settings = settings;
        this.repository = repository;
        this.retried = retried;
        this.guarded = guarded;
        this.transaction = transaction;
        this.application = application;
    }

    @PostConstruct
    void open() {
        Path directory = SpoolHome.of(settings, application.name());
        SpoolHome.warnOfTemporary(directory, System.getProperties());
        open(directory);
    }

    void open(Path directory) {
        open(new SpoolOptions(directory, settings.spoolMaxBytes(), settings.spoolSurvivesPowerCut()));
    }

    void open(SpoolOptions wanted) {
        options = wanted;
        try {
            spool = Spool.open(options);
        } catch (IOException e) {
            throw unusable(e);
        }
        circuit = new Circuit(spool.directory(), Clock.systemUTC(), Ticker.SYSTEM);
    }

    private InvalidSettingException unusable(IOException e) {
        InvalidSettingException unusable = new InvalidSettingException(
                Setting.SPOOL_DIRECTORY.key(),
                options.directory().toString(),
                "a directory on a local disk that the server may create, lock and write to (" + LogText.of(e) + ")");
        unusable.initCause(e);
        return unusable;
    }

    /** Closes the spool, since its directory must not stay locked until the server restarts. */
    private void closeSpool() {
        try {
            spool.close();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "The spool could not be closed: " + LogText.of(e));
        }
    }

    /**
     * Begins to write to the store. Earlier records wait in the spool.
     *
     * @param factory makes the threads that talk to the store
     */
    void start(ThreadFactory factory) {
        // WildFly: the first use makes the bean, and that would fail on a thread of the application's own.
        mayBeInTransaction();
        boolean faultToleranceIsLive = proveRetry();
        threads = new StoreThreads(factory);
        StoreLink store = new StoreLink(
                spool,
                repository,
                circuit,
                threads,
                Clock.systemUTC(),
                Ticker.SYSTEM,
                new StoreLink.Times(settings.maxWait(), StoreLink.ANSWER));
        drainer = new Drainer(spool, store, Clock.systemUTC(), Ticker.SYSTEM, dropped, withoutScope);
        drainerThread = new SingleThread(factory, Ticker.SYSTEM, DRAINING, drainer);
        drainerThread.ensure();
        direct = new DirectWrites(
                repository, retried, guarded, faultToleranceIsLive, circuit, threads, settings.maxWait());
        LOG.log(
                Level.INFO,
                "Recording is " + settings.recordingMode().label() + "; records that the store does not take wait in "
                        + spool.directory());
    }

    /** Empties the spool for a few seconds and leaves the rest in it, also if the start failed. */
    @PreDestroy
    void stop() {
        direct = null;
        if (stopped) {
            return;
        }
        stopped = true;
        try {
            if (drainer != null) {
                drainer.stopWithin(LAST_DRAIN);
                drainerThread.stop(LAST_DRAIN.plusSeconds(1));
                threads.stop(LAST_WRITES);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        long waiting = spool.waiting();
        closeSpool();
        dropped.tellTheRest();
        withoutScope.tellTheRest();
        if (waiting > 0) {
            LOG.log(Level.INFO, waiting + " records wait in " + spool.directory() + " for the next start");
        }
    }

    /**
     * Keeps a record. When this returns, the record is in the store or in the spool. An interrupt of the calling thread does not
     * stop that, and it is not lost either.
     *
     * @param record what to keep; not null
     */
    public void record(CallRecord record) {
        boolean interrupted = Thread.interrupted();
        try {
            keep(record);
        } catch (Throwable failure) {
            drop(record, failure);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Keeps a record without waiting for the store. It is for threads for which others wait, such as those of an HTTP client. When
     * this returns, the record is in the spool. With {@code tokentally.spool.durability=power} the disk has it shortly after. If
     * the spool does not take the record, a thread of the module gets it and does what {@link #record} does.
     *
     * @param record what to keep; not null
     */
    public void recordWithoutWaiting(CallRecord record) {
        try {
            append(record, Spool::appendUnforced);
        } catch (Throwable noRoom) {
            if (!hand(() -> record(record))) {
                drop(record, noRoom);
            }
            return;
        }
        if (options.survivesPowerCut()) {
            forceSoon();
        }
    }

    /** Returns whether a thread of the module runs it; none does before the start and after the stop. */
    private boolean hand(Runnable task) {
        StoreThreads running = threads;
        return running != null && running.hand(task);
    }

    /** One force writes all records that were appended before it begins. Later records ask for the next force. */
    private void forceSoon() {
        if (forceIsDue.compareAndSet(false, true) && !hand(this::force)) {
            force();
        }
    }

    /** For tests: whether a force was asked for and has not begun yet. */
    boolean isForceDue() {
        return forceIsDue.get();
    }

    private void force() {
        forceIsDue.set(false);
        try {
            spool.force();
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "Records in " + spool.directory() + " may not survive a power cut: " + LogText.of(e));
        }
    }

    private void drop(CallRecord record, Throwable failure) {
        dropped.add("An LLM call is not recorded, " + LogText.of(record)
                + ": neither the store nor the spool takes it: " + LogText.of(failure));
    }

    /**
     * A call was made outside a call scope and has no record. Writes an ERROR to the log and counts the call.
     *
     * @param what happened, for the log; holds nothing from outside
     */
    public void withoutScope(String what) {
        withoutScope.add(what + ": annotate the method that starts the work with @LlmOperation(\"…\"), or enter a scope"
                + " with CallScope.enter(tenantId, operation)");
    }

    private void keep(CallRecord record) throws IOException {
        ensureDrained();
        boolean first = settings.recordingMode() == RecordingMode.SYNC && !mayBeInTransaction();
        if (first && write(record)) {
            return;
        }
        try {
            append(record, Spool::append);
        } catch (IOException | RuntimeException | Error noRoom) {
            if (first || !write(record)) {
                throw noRoom;
            }
        }
    }

    /** A caller in a transaction may hold the pool's last connection, and would wait here for one more. */
    private boolean mayBeInTransaction() {
        try {
            return transaction.isActive();
        } catch (RuntimeException | LinkageError unknown) {
            // This is before the start or after the stop, on a thread where the server finds no names. The spool takes
            // the record.
            return true;
        }
    }

    private boolean write(CallRecord record) {
        DirectWrites writes = direct;
        try {
            return writes != null && writes.write(record);
        } catch (RuntimeException | Error notWritten) {
            // Memory may be short, for example. Whatever happens to a write, the spool takes the record.
            LOG.log(Level.DEBUG, "A record was not written at once", notWritten);
            return false;
        }
    }

    private void append(CallRecord record, Append append) throws IOException {
        try {
            append.to(spool, record);
            Drainer running = drainer;
            if (running != null) {
                running.waits(record);
                running.wake();
            }
            ensureDrained();
        } catch (SpoolClosedException stopped) {
            // The call has outlived the application's stop. The next deployment takes its record over.
            Spool.appendLate(options, record);
        }
    }

    /** Waiting records must not wait for ever because no thread could be made when the application started. */
    private void ensureDrained() {
        SingleThread thread = drainerThread;
        if (thread != null) {
            thread.ensure();
        }
    }

    /** A way to append to the spool: with or without waiting for the disk. */
    @FunctionalInterface
    private interface Append {

        void to(Spool spool, CallRecord record) throws IOException;
    }

    /**
     * What recording is doing now.
     *
     * @return the state, read without waiting for the store
     */
    public RecordingStatus status() {
        return new RecordingStatus(
                settings.recordingMode(),
                circuit.openSince(),
                spool.waiting(),
                oldest(),
                spool.rejected().count(),
                dropped.count(),
                withoutScope.count(),
                spool.damaged(),
                spool.directory());
    }

    /** The records that the store refused while it took others. */
    RejectedRecords rejected() {
        return spool.rejected();
    }

    private Instant oldest() {
        try {
            return spool.oldest().orElse(null);
        } catch (IOException drainedMeanwhile) {
            return null;
        }
    }

    /**
     * Finds out whether the server applies {@code @Retry} in this archive, by failing on purpose. Payara silently ignores it in the
     * EJB module of an EAR if no WAR of the EAR has a Fault Tolerance annotation.
     *
     * @return whether it makes exactly the attempts that are asked for
     */
    boolean proveRetry() {
        int[] attempts = {0};
        try {
            retried.probe(() -> {
                attempts[0]++;
                throw new StoreUnavailableException("the start-up probe of @Retry, thrown on purpose", null);
            });
        } catch (UsageStoreException | RuntimeException onPurpose) {
            LOG.log(Level.DEBUG, "The probe of @Retry ended after {0} attempts", attempts[0]);
        }
        boolean live = attempts[0] == RetriedAttempts.MAX_ATTEMPTS;
        if (live) {
            LOG.log(Level.INFO, "@Retry is live: " + attempts[0] + " attempts when the store cannot be reached");
        } else {
            LOG.log(
                    Level.WARNING,
                    "@Retry is not live in this deployment: " + attempts[0] + " attempt(s) were made instead of "
                            + RetriedAttempts.MAX_ATTEMPTS + ". Tokentally makes the " + RetriedAttempts.MAX_ATTEMPTS
                            + " attempts itself, so no record is at risk. To let the server do it: on Payara give a bean of"
                            + " a WAR in the same EAR a Fault Tolerance annotation (@Retry, say); on WildFly enable the"
                            + " subsystem microprofile-fault-tolerance-smallrye; and set no Retry/… configuration that"
                            + " changes it");
        }
        return live;
    }
}
