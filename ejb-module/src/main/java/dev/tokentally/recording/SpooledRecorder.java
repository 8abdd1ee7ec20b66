package dev.tokentally.recording;

import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.MissingScope;
import dev.tokentally.config.RecordingMode;
import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.recording.DirectWrites.DirectWrite;
import dev.tokentally.recording.spool.RejectedRecords;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolClosedException;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.recording.spool.SpoolUnforcedException;
import dev.tokentally.text.QuietLog;
import dev.tokentally.text.Summary;
import dev.tokentally.time.SingleThread;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageRepository;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Gives each record to the store. If the store does not take it in time, it goes to the spool on the local disk, and the drainer
 * takes it to the store later. Safe for use by many threads.
 */
@ApplicationScoped
class SpooledRecorder implements UsageRecorder {

    private static final Logger LOG = QuietLog.of(SpooledRecorder.class);

    /** How long the application's stop waits for the spool to be emptied. */
    private static final Duration LAST_DRAIN = Duration.ofSeconds(5);

    /** How long it then waits for writes that are still under way, since the store is closed afterwards. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(5);

    private static final SingleThread.Purpose DRAINING = new SingleThread.Purpose(
            "tokentally-drainer",
            "bring records from the spool to the store",
            "They wait in the spool. The next record starts another try");

    private final Settings settings;
    private final UsageRepository repository;
    private final RetriedAttempts retried;
    private final GuardedAttempts guarded;
    private final CallersTransaction transaction;
    private final DeployedApplication application;
    private final Summary dropped = new Summary(LOG, "records were lost", Level.ERROR);
    private final Summary withoutScope =
            new Summary(LOG, "calls were made outside a call scope and are not recorded", Level.ERROR);
    private final AtomicBoolean forceIsDue = new AtomicBoolean();
    private final AtomicLong toldOfPowerCut = new AtomicLong(System.nanoTime() - Summary.INTERVAL_NANOS);
    private final Set<Class<?>> traced = ConcurrentHashMap.newKeySet();
    private volatile RecorderState state = new RecorderState.Closed();

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected SpooledRecorder() {
        this(null, null, null, null, null, null);
    }

    @Inject
    SpooledRecorder(
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

    void open(SpoolOptions options) {
        try {
            open(options, Spool.open(options));
        } catch (IOException e) {
            throw unusable(options.directory(), e);
        }
    }

    void open(SpoolOptions options, Spool spool) {
        Circuit circuit = new Circuit(spool.directory(), Clock.systemUTC(), Ticker.SYSTEM);
        state = new RecorderState.Opened(options, spool, circuit);
    }

    private static InvalidSettingException unusable(Path directory, IOException e) {
        InvalidSettingException unusable = new InvalidSettingException(
                Setting.SPOOL_DIRECTORY.key(),
                directory.toString(),
                "a directory on a local disk that the server may create, lock and write to (" + LogText.of(e) + ")");
        unusable.initCause(e);
        return unusable;
    }

    /**
     * Begins to write to the store. Earlier records wait in the spool.
     *
     * @param factory makes the threads that talk to the store
     */
    void start(ThreadFactory factory) {
        // WildFly: the first use makes the bean, and that would fail on a thread of the application's own.
        mayBeInTransaction();
        DirectWrites.RetryPolicy policy = new DirectWrites.RetryPolicy(retried, guarded, RetryProbe.probe(retried));
        RecorderState.Opened opened = state.opened();
        Spool spool = opened.spool();
        Circuit circuit = opened.circuit();
        StoreThreads threads = new StoreThreads(factory);
        StoreLink store = new StoreLink(
                spool,
                repository,
                circuit,
                threads,
                Clock.systemUTC(),
                Ticker.SYSTEM,
                new StoreLink.Times(settings.maxWait(), StoreLink.ANSWER));
        Drainer drainer = new Drainer(spool, store, Clock.systemUTC(), Ticker.SYSTEM, dropped, withoutScope);
        state = new RecorderState.Recording(
                opened,
                threads,
                drainer,
                new SingleThread(factory, Ticker.SYSTEM, DRAINING, drainer),
                new DirectWrites(
                        repository, policy, circuit, threads, settings.maxWait(), Ticker.SYSTEM, drainer::hurry));
        state.ensureDrained();
        LOG.log(
                Level.INFO,
                "Recording is " + settings.recordingMode().label() + "; records that the store does not take wait in "
                        + spool.directory());
    }

    /** Makes the drainer's thread if there is none. */
    void ensureDrained() {
        state.ensureDrained();
    }

    /** From now on, the drainer also makes this thread if there is none. Records go on if it cannot be made. */
    void ensureToo(SingleThread other) {
        if (state instanceof RecorderState.Recording recording) {
            recording.drainer().ensureToo(other);
        }
    }

    /** Empties the spool for a few seconds and leaves the rest in it, also if the start failed. */
    @PreDestroy
    void stop() {
        RecorderState before = state;
        if (before instanceof RecorderState.Closed || before instanceof RecorderState.Stopped) {
            return;
        }
        state = new RecorderState.Stopped(before);
        if (before instanceof RecorderState.Recording recording) {
            try {
                recording.end(LAST_DRAIN, LAST_WRITES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Spool spool = before.opened().spool();
        long waiting = spool.waiting();
        close(spool);
        dropped.tellTheRest();
        withoutScope.tellTheRest();
        if (waiting > 0) {
            LOG.log(Level.INFO, waiting + " records wait in " + spool.directory() + " for the next start");
        }
    }

    /** The spool's directory must not stay locked until the server restarts. */
    private static void close(Spool spool) {
        try {
            spool.close();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "The spool could not be closed: " + LogText.of(e));
        }
    }

    @Override
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

    private void keep(CallRecord record) throws IOException {
        state.ensureDrained();
        boolean first = settings.recordingMode() == RecordingMode.SYNC && !mayBeInTransaction();
        Optional<DirectWrite> write = state.write(record);
        if (first && tryStore(write, DirectWrite::write)) {
            return;
        }
        try {
            append(record, Spool::append);
        } catch (SpoolUnforcedException inTheSpool) {
            if (!tryStore(write, DirectWrite::writeBesideSpool)) {
                tellOfPowerCut(inTheSpool);
            }
        } catch (IOException | RuntimeException | Error noRoom) {
            if (!tryStore(write, DirectWrite::writeWithoutSpool)) {
                throw noRoom;
            }
        }
    }

    /** A caller in a transaction may hold the pool's last connection, and would wait here for one more. */
    private boolean mayBeInTransaction() {
        try {
            return transaction.isActive();
        } catch (RuntimeException | LinkageError unknown) {
            // This happens before the start, after the stop, or on a thread on which the server finds no JNDI names.
            // The spool takes the record.
            return true;
        }
    }

    private static boolean tryStore(Optional<DirectWrite> write, Predicate<DirectWrite> attempts) {
        try {
            return write.filter(attempts).isPresent();
        } catch (RuntimeException | Error notWritten) {
            // Memory may be short, for example. Whatever happens to a write, the spool takes the record.
            LOG.log(Level.DEBUG, "A record was not written immediately", notWritten);
            return false;
        }
    }

    private void append(CallRecord record, Append append) throws IOException {
        RecorderState.Opened opened = state.opened();
        try {
            append.to(opened.spool(), record);
            state.appended(record);
        } catch (SpoolUnforcedException inTheSpool) {
            state.appended(record);
            throw inTheSpool;
        } catch (SpoolClosedException stopped) {
            // The call has outlived the application's stop. The next deployment takes its record over.
            Spool.appendLate(opened.options(), record);
        }
    }

    /** A way to append to the spool: with or without waiting for the disk. */
    @FunctionalInterface
    private interface Append {

        void to(Spool spool, CallRecord record) throws IOException;
    }

    @Override
    public void recordWithoutWaiting(CallRecord record) {
        boolean interrupted = Thread.interrupted();
        try {
            keepWithoutWaiting(record);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void keepWithoutWaiting(CallRecord record) {
        try {
            append(record, Spool::appendUnforced);
        } catch (SpoolUnforcedException inTheSpoolAfterTheStop) {
            tellOfPowerCut(inTheSpoolAfterTheStop);
            return;
        } catch (Throwable noRoom) {
            if (!state.hand(() -> keepOnOwnThread(record))) {
                drop(record, noRoom);
            }
            return;
        }
        if (state.opened().options().survivesPowerCut()) {
            forceSoon();
        }
    }

    /** The spool had no room. This thread is one of those that talk to the store, and nobody waits for it. */
    private void keepOnOwnThread(CallRecord record) {
        try {
            if (!tryStore(state.write(record), DirectWrite::writeHere)) {
                append(record, Spool::append);
            }
        } catch (SpoolUnforcedException inTheSpool) {
            tellOfPowerCut(inTheSpool);
        } catch (Throwable noRoom) {
            drop(record, noRoom);
        }
    }

    /** One force writes all records that were appended before it begins. Later records ask for the next force. */
    private void forceSoon() {
        if (forceIsDue.compareAndSet(false, true) && !state.hand(this::force)) {
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
            state.opened().spool().force();
        } catch (IOException e) {
            tellOfPowerCut(e);
        }
    }

    /** Tells it now and then, since a disk that fails may do so for each record. */
    private void tellOfPowerCut(IOException e) {
        long now = System.nanoTime();
        long before = toldOfPowerCut.get();
        if (now - before >= Summary.INTERVAL_NANOS && toldOfPowerCut.compareAndSet(before, now)) {
            LOG.log(
                    Level.WARNING,
                    "Records in " + state.opened().spool().directory() + " may not survive a power cut: "
                            + LogText.of(e));
        }
    }

    private void drop(CallRecord record, Throwable failure) {
        dropped.add(
                "An LLM call is not recorded, " + LogText.of(record) + ": neither the store nor the spool takes it: "
                        + LogText.of(failure),
                trace(failure));
    }

    /** The stack trace of each kind of unexpected failure is told once, since a record may be lost at every call. */
    private Throwable trace(Throwable failure) {
        Throwable unexpected = LogText.unexpected(failure);
        return unexpected != null && traced.add(unexpected.getClass()) ? unexpected : null;
    }

    @Override
    public void withoutScope(String what) {
        withoutScope.add(what + ": " + MissingScope.REMEDY);
    }

    @Override
    public RecordingStatus status() {
        RecorderState.Opened opened = state.opened();
        Spool spool = opened.spool();
        return new RecordingStatus(
                settings.recordingMode(),
                opened.circuit().openSince(),
                spool.waiting(),
                oldest(spool),
                spool.rejected().count(),
                dropped.count(),
                withoutScope.count(),
                spool.damaged(),
                spool.directory());
    }

    private static Instant oldest(Spool spool) {
        try {
            return spool.oldest().orElse(null);
        } catch (IOException drainedMeanwhile) {
            return null;
        }
    }

    /** The records that the store refused while it took others. */
    RejectedRecords rejected() {
        return state.opened().spool().rejected();
    }
}
