package dev.tokentally.tracking;

import dev.tokentally.llm.LlmResponse;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.CallTrace;
import dev.tokentally.scope.UniqueIds;
import dev.tokentally.text.ColumnText;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** A call in a scope. It becomes a record when it ends. No failure of the recording, not even an Error, leaves this class. */
final class RecordedCall implements OpenCall {

    private static final Logger LOG = QuietLog.of(RecordedCall.class);

    private static final Cost MAYBE = new Cost(Cost.UNKNOWN.usd(), CostSource.MAYBE_BILLED);

    /** What is before the simple name in a class's name; a number is before the name of a local class. */
    private static final Pattern ENCLOSING = Pattern.compile(".*[.$][0-9]*");

    private final CallScope.Current scope;
    private final CallScope scopes;
    private final UsageRecorder recorder;
    private final PriceList prices;
    private final Instant startedAt;
    private final LongSupplier monotonicNanos;
    private final long startNanos;
    private final Thread beganOn = Thread.currentThread();
    private final AtomicReference<Duration> firstToken = new AtomicReference<>();
    private final AtomicBoolean ended = new AtomicBoolean();

    /** The kinds of the requests that were made inside of this call, as far as they are known. */
    private final Set<String> parts = new CopyOnWriteArraySet<>();

    /** Is told of a part that this call's row does not cover: its kind, and the scope for the log. */
    private final BiConsumer<String, String> lostParts;

    private volatile boolean mayBeBilled;

    RecordedCall(
            CallScope.Current scope,
            CallScope scopes,
            UsageRecorder recorder,
            PriceList prices,
            Instant startedAt,
            LongSupplier monotonicNanos,
            BiConsumer<String, String> lostParts) {
        this.scope = scope;
        this.scopes = scopes;
        this.recorder = recorder;
        this.prices = prices;
        this.startedAt = startedAt;
        this.monotonicNanos = monotonicNanos;
        this.startNanos = monotonicNanos.getAsLong();
        this.lostParts = lostParts;
    }

    @Override
    public void firstToken() {
        if (firstToken.get() == null) {
            firstToken.compareAndSet(null, sinceStart());
        }
    }

    @Override
    public void mayBeBilled() {
        mayBeBilled = true;
    }

    @Override
    public void returned(LlmResponse<?> response) {
        end(() -> ReportedUsage.of(response), null);
    }

    @Override
    public void failed(Throwable thrown, LlmResponse<?> known) {
        end(() -> ReportedUsage.of(thrown, known), thrown);
    }

    @Override
    public CallScope.Handle enter() {
        try {
            CallScope.Handle mark = scopes.insideCall(parts::add);
            return () -> {
                try {
                    mark.close();
                } catch (Throwable failure) {
                    tell("The end of an LLM call left its scope as it was", failure);
                }
            };
        } catch (Throwable failure) {
            tell("What an LLM call asks in turn may be recorded too", failure);
            return () -> {};
        }
    }

    private void end(Supplier<ReportedUsage> reported, Throwable thrown) {
        if (ended.getAndSet(true)) {
            return;
        }
        try {
            Duration duration = sinceStart();
            ReportedUsage usage = reported.get();
            Cost cost = cost(usage, thrown);
            keep(new CallRecord(
                    UniqueIds.next(),
                    new CallOrigin(
                            scope.callId(),
                            scope.tenantId(),
                            scope.operation(),
                            scope.user(),
                            scope.session(),
                            scope.environment(),
                            scope.tags()),
                    new CallTiming(startedAt, duration, firstToken.get()),
                    usage.usage(),
                    cost,
                    thrown == null ? CallOutcome.OK : CallOutcome.error(errorClass(thrown)),
                    links(usage.responseId())));
            if (thrown == null) {
                tellOfLostParts(usage.usage().kind());
            }
            if (!usage.corrections().isEmpty()) {
                LOG.log(
                        Level.WARNING,
                        "An LLM adapter reported impossible values, which were corrected: "
                                + String.join("; ", usage.corrections()) + inScope());
            }
        } catch (Throwable failure) {
            tell("An LLM call is not recorded", failure);
        }
    }

    /** A part of the same kind is most likely the request that the row is about. A port says its kind only when it returns. */
    private void tellOfLostParts(String kind) {
        parts.stream()
                .filter(part -> !part.equals(kind))
                .findFirst()
                .ifPresent(part -> lostParts.accept(part, inScope()));
    }

    /** The trace is the one in which the call began, whichever thread it ends on. */
    private CallLinks links(String responseId) {
        CallTrace trace = scope.trace();
        if (trace == null) {
            return responseId == null ? CallLinks.NONE : new CallLinks(null, null, responseId);
        }
        return new CallLinks(trace.traceId(), trace.spanId(), responseId);
    }

    /** If the price list fails, the record has no price, but it is not lost. */
    private Cost cost(ReportedUsage usage, Throwable thrown) {
        try {
            Cost cost = prices.costOf(usage.cost(), usage.usage(), startedAt);
            boolean isOpen = thrown != null && cost.source() == CostSource.NONE && isWithoutTokens(usage);
            // If a stream was cut after it had begun, the provider charges for the part that came.
            boolean hasBegun = mayBeBilled || firstToken.get() != null;
            return isOpen && (hasBegun || ReportedUsage.isBilled(thrown) || MaybeBilled.is(thrown)) ? MAYBE : cost;
        } catch (Throwable failure) {
            tell("An LLM call is recorded without its price", failure);
            return usage.cost();
        }
    }

    private static boolean isWithoutTokens(ReportedUsage usage) {
        TokenCounts tokens = usage.usage().tokens();
        return tokens.input() == 0 && tokens.output() == 0;
    }

    /**
     * The call may end on a thread of the HTTP client. If that thread waited for the store, other callers' answers would wait too.
     * Even the thread on which the call began may be such a thread, if the answer before came on it.
     */
    private void keep(CallRecord call) {
        if (Thread.currentThread() == beganOn && isInItsScope()) {
            recorder.record(call);
        } else {
            recorder.recordWithoutWaiting(call);
        }
    }

    /** If the scope cannot be read, since the application stops for example, the record must still be kept. */
    private boolean isInItsScope() {
        try {
            return scopes.current().filter(scope::isSameAs).isPresent();
        } catch (Throwable unreadable) {
            return false;
        }
    }

    /** A virtual machine that is moved to another host may see the monotonic clock go back. The record is kept all the same. */
    private Duration sinceStart() {
        return Duration.ofNanos(Math.max(0, monotonicNanos.getAsLong() - startNanos));
    }

    private void tell(String what, Throwable failure) {
        LOG.log(Level.ERROR, what + inScope() + ": " + failure.getClass().getName());
    }

    private String inScope() {
        return ", tenant=" + scope.tenantId() + " operation=" + scope.operation();
    }

    /** An anonymous class has no simple name. The name of its superclass says more than "". */
    private static String errorClass(Throwable thrown) {
        Class<?> type = thrown.getClass();
        while (simpleName(type).isEmpty()) {
            type = type.getSuperclass();
        }
        return ColumnText.fit(simpleName(type), CallRecord.ERROR_CLASS_LENGTH);
    }

    /** Java looks at the class around a nested class for this, and that class may be missing or may not fit. */
    private static String simpleName(Class<?> type) {
        try {
            return type.getSimpleName();
        } catch (LinkageError withoutItsOuterClass) {
            return ENCLOSING.matcher(type.getName()).replaceFirst("");
        }
    }
}
