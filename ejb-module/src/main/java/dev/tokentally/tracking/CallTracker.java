package dev.tokentally.tracking;

import dev.tokentally.pricing.PriceList;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;
import dev.tokentally.text.QuietLog;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Records calls to models that do not pass {@link TrackingLlmDecorator}. The code that sees a call begin and end tells the tracker.
 *
 * <pre>{@code
 * OpenCall call = tracker.begin();
 * try (CallScope.Handle inside = call.enter()) {
 *     client.ask(question, answer -> call.returned(used(answer)), call::failed);
 * } catch (RuntimeException notEvenAsked) {
 *     call.failed(notEvenAsked);
 *     throw notEvenAsked;
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads. It never throws.
 */
@ApplicationScoped
public class CallTracker {

    private static final Logger LOG = QuietLog.of(CallTracker.class);

    /** How long after a failure the next try to make a thread comes at the earliest. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final CallScope scopes;
    private final UsageRecorder recorder;
    private final PriceList prices;
    private final Clock wallClock;
    private final LongSupplier monotonicNanos;
    private final Supplier<Cleaner> cleaners;
    private final Set<RecordedCall> open = ConcurrentHashMap.newKeySet();

    /** Null until a call is watched. */
    private volatile Cleaner cleaner;

    private final AtomicBoolean lostPartTold = new AtomicBoolean();

    private boolean threadMissing;
    private long threadMissingAt;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CallTracker() {
        this(null, null, null, null, null, null);
    }

    /**
     * Made by CDI, and by tests.
     *
     * @param scopes the scopes in which calls are made
     * @param recorder takes their records
     * @param prices the price list
     */
    @Inject
    public CallTracker(CallScope scopes, UsageRecorder recorder, PriceList prices) {
        this(scopes, recorder, prices, Clock.systemUTC(), System::nanoTime, Cleaner::create);
    }

    CallTracker(
            CallScope scopes,
            UsageRecorder recorder,
            PriceList prices,
            Clock wallClock,
            LongSupplier monotonicNanos,
            Supplier<Cleaner> cleaners) {
        this.scopes = scopes;
        this.recorder = recorder;
        this.prices = prices;
        this.wallClock = wallClock;
        this.monotonicNanos = monotonicNanos;
        this.cleaners = cleaners;
    }

    /**
     * A call begins on this thread, in its call scope. Outside a call scope the call goes on unrecorded, which is counted and an
     * ERROR in the log. A part of another call ({@link OpenCall#enter()}) is not recorded by itself.
     *
     * @return the open call, never null. Hold it, and tell it how the call goes on. If it is garbage collected or the application
     *     stops before the call's end was told, the call is recorded then, with the error class {@code UnfinishedCallException} and
     *     a meaningless duration
     */
    public OpenCall begin() {
        return begin((String) null);
    }

    /**
     * The same for a call whose kind is known at its beginning. If it is a part of a call of another kind, one WARNING says that it
     * has no record.
     *
     * @param kind what kind of call it is, as {@link dev.tokentally.llm.LlmResponse#kind()} names it; null if it is not known yet
     * @return the open call, never null
     */
    public OpenCall begin(String kind) {
        try {
            Optional<CallScope.Current> scope = scopes.currentOfCall();
            if (scope.isEmpty()) {
                return withoutScope();
            }
            if (scope.get().insideCall()) {
                scopes.tellCallAround(kind);
                return UnrecordedCall.PART;
            }
            return watched(begin(scope.get()));
        } catch (Throwable failure) {
            return unreadable(failure);
        }
    }

    private OpenCall withoutScope() {
        if (UnscopedCall.isHere()) {
            return UnrecordedCall.PART;
        }
        recorder.withoutScope(
                "A model was asked outside a call scope, and nobody is charged for it (" + CallSite.ofModel() + ")");
        return UnrecordedCall.WITHOUT_SCOPE;
    }

    /** If the module itself fails, since the application stops for example, the call goes on without a record. */
    static OpenCall unreadable(Throwable failure) {
        LOG.log(
                Level.ERROR,
                "An LLM call is not recorded, because its call scope cannot be read: "
                        + failure.getClass().getName());
        return UnrecordedCall.PART;
    }

    private OpenCall watched(RecordedCall call) {
        open.add(call);
        return new WatchedCall(call, cleaner(), () -> giveUp(call));
    }

    /**
     * The cleaner has a thread, which cannot always be made. It is made for the first call that is watched, so that a shortage of
     * threads costs neither this bean nor a record. Null while there is none.
     */
    private Cleaner cleaner() {
        Cleaner made = cleaner;
        return made == null ? madeCleaner() : made;
    }

    private synchronized Cleaner madeCleaner() {
        boolean isTooSoon = threadMissing && monotonicNanos.getAsLong() - threadMissingAt < PAUSE_NANOS;
        if (cleaner == null && !isTooSoon) {
            try {
                cleaner = cleaners.get();
                threadMissing = false;
            } catch (RuntimeException | Error noThread) {
                tellOfMissingThread(noThread);
                threadMissing = true;
                threadMissingAt = monotonicNanos.getAsLong();
            }
        }
        return cleaner;
    }

    private void tellOfMissingThread(Throwable noThread) {
        if (!threadMissing) {
            LOG.log(
                    Level.ERROR,
                    "No thread can be made to find calls whose end nobody tells: "
                            + noThread.getClass().getName() + ". Such a call is recorded when the application stops");
        }
    }

    /** Does nothing if the call has ended. */
    private void giveUp(RecordedCall call) {
        open.remove(call);
        call.failed(new UnfinishedCallException());
    }

    /** Records the calls that are still open when the application stops, since nobody will see their end. */
    void giveUpOpenCalls() {
        open.forEach(this::giveUp);
    }

    /** A call of the port. It is recorded even if it is a part of another call. Empty outside a call scope. */
    Optional<OpenCall> beginOfPort() {
        return scopes.currentOfCall().map(this::begin);
    }

    private RecordedCall begin(CallScope.Current scope) {
        return new RecordedCall(
                scope, scopes, recorder, prices, wallClock.instant(), monotonicNanos, this::tellOfLostPart);
    }

    /** What the part costs may be in the row of the call around it, so it has no row of its own, and nobody can know. */
    private void tellOfLostPart(String part, String where) {
        if (!lostPartTold.getAndSet(true)) {
            LOG.log(
                    Level.WARNING,
                    "An LLM call has asked a model of another kind (" + part
                            + "), and that request has no row, since the"
                            + " row of a call stands for everything inside of it" + where
                            + ". Ask that model before the call or after it, outside of the LlmPort or the wrapped model."
                            + " Further calls of this sort are not logged");
        }
    }

    /** A call of the port goes through without a scope, since the setting allows it. */
    void passThrough() {
        try {
            recorder.withoutScope("An LLM call was made outside a call scope and is not recorded, as"
                    + " tokentally.missing-scope=pass-through says (" + CallSite.ofPort() + ")");
        } catch (Throwable failure) {
            LOG.log(
                    Level.ERROR,
                    "An LLM call outside a call scope is neither recorded nor counted: "
                            + failure.getClass().getName());
        }
    }
}
