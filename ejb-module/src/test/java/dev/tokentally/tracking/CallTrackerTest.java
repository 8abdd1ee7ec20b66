package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.InstanceOfAssertFactories.COLLECTION;

import dev.tokentally.CapturedLog;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.llm.BilledFailure;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.CallTrace;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A tracked call")
class CallTrackerTest {

    private static final UUID CALL = UUID.fromString("0e8d3a54-8f4e-4d6e-9a59-4d1d7a5f2a11");
    private static final CallScope.Current SCOPE = new CallScope.Current("acme", "chat", CALL, false);
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final LlmResponse<String> ANSWER =
            new LlmResponse<>(null, "openai", "gpt-4o", new TokenUsage(100, 40, 60, 10, 30), null);

    private final RecorderInMemory recorder = new RecorderInMemory();
    private final AtomicLong nanos = new AtomicLong(5_000_000);
    private Supplier<Cleaner> cleaners = Cleaner::create;

    @Test
    @DisplayName("gets a record with its scope, its times and its tokens")
    void returned() {
        OpenCall call = in(SCOPE).begin();
        after(300);
        call.firstToken();
        after(100);
        call.firstToken();
        after(600);
        call.returned(ANSWER);

        CallRecord record = onlyRecord();
        assertThat(record.tenantId()).isEqualTo("acme");
        assertThat(record.operation()).isEqualTo("chat");
        assertThat(record.callId()).isEqualTo(CALL);
        assertThat(record.startedAt()).isEqualTo(NOW);
        assertThat(record.firstToken()).isEqualTo(Duration.ofMillis(300));
        assertThat(record.callDuration()).isEqualTo(Duration.ofMillis(1000));
        assertThat(record.provider()).isEqualTo("openai");
        assertThat(record.model()).isEqualTo("gpt-4o");
        assertThat(record.tokens()).isEqualTo(new TokenCounts(100, 40, 60, 10, 30));
        assertThat(record.status()).isEqualTo(CallStatus.OK);
    }

    @Test
    @DisplayName(
            "is recorded as one that took no time if the machine's clock goes back, as after a move to another machine")
    void clockGoesBack() {
        OpenCall call = in(SCOPE).begin();
        after(-2);
        call.firstToken();
        call.returned(ANSWER);

        CallRecord record = onlyRecord();
        assertThat(record.firstToken()).isZero();
        assertThat(record.callDuration()).isZero();
    }

    @Test
    @DisplayName("has the trace in which it began, on whichever thread and in whichever trace it ends")
    void traced() throws InterruptedException {
        CallTrace trace = new CallTrace("a".repeat(32), "b".repeat(16));
        FixedScope scope =
                new FixedScope(new CallScope.Current("acme", "chat", CALL, false, null, null, null, null, trace));
        OpenCall call =
                in(scope, new PriceList(new Settings(new MapConfig(Map.of())))).begin();
        try (CallScope.Handle inside = call.enter()) {
            Thread other = new Thread(() -> call.returned(ANSWER.withResponseId("chatcmpl-1")));
            other.start();
            other.join();
        }

        assertThat(recorder.withoutWaiting)
                .singleElement()
                .extracting(CallRecord::links)
                .isEqualTo(new CallLinks(trace.traceId(), trace.spanId(), "chatcmpl-1"));
    }

    @Test
    @DisplayName("has its trace and the answer's id even if it fails")
    void tracedFailure() {
        CallTrace trace = new CallTrace("a".repeat(32), "b".repeat(16));
        in(new CallScope.Current("acme", "chat", CALL, false, null, null, null, null, trace))
                .begin()
                .failed(
                        new IllegalStateException(),
                        new LlmResponse<>(null, "openai", "gpt-4o", null, null).withResponseId("chatcmpl-1"));

        assertThat(onlyRecord().links()).isEqualTo(new CallLinks(trace.traceId(), trace.spanId(), "chatcmpl-1"));
    }

    @Test
    @DisplayName("ends once: its first end is recorded, and later ones are ignored")
    void endsOnce() {
        OpenCall call = in(SCOPE).begin();

        call.failed(new CancellationException());
        call.returned(ANSWER);
        call.failed(new IllegalStateException());

        assertThat(onlyRecord().errorClass()).isEqualTo("CancellationException");
    }

    @Test
    @DisplayName("is recorded with what is known if it fails, and nothing else is made up")
    void failedWithWhatIsKnown() {
        in(SCOPE).begin().failed(new IllegalStateException(), new LlmResponse<>(null, "openai", "gpt-4o", null, null));

        assertThat(onlyRecord().provider()).isEqualTo("openai");
        assertThat(onlyRecord().model()).isEqualTo("gpt-4o");
        assertThat(onlyRecord().tokens()).isEqualTo(TokenCounts.ZERO);
        assertThat(onlyRecord().costSource()).isEqualTo(CostSource.NONE);
        assertThat(onlyRecord().errorClass()).isEqualTo("IllegalStateException");
    }

    @Test
    @DisplayName("is recorded with the tokens that are known if a billed failure does not know its own")
    void failedWithKnownTokens() {
        in(SCOPE)
                .begin()
                .failed(
                        new BilledWithoutTokens(),
                        new LlmResponse<>(null, "openai", "gpt-4o", TokenUsage.of(50, 5), null));
        in(SCOPE).begin().failed(new BilledWithoutTokens(), null);

        assertThat(recorder.records)
                .extracting(CallRecord::tokens)
                .containsExactly(new TokenCounts(50, 5, 0, 0, 0), TokenCounts.ZERO);
        assertThat(recorder.records.get(1).costSource()).isEqualTo(CostSource.MAYBE_BILLED);
    }

    @Test
    @DisplayName("may have been billed if it fails after the provider began to answer, as long as no tokens are known")
    void mayBeBilled() {
        OpenCall begun = in(SCOPE).begin();
        begun.mayBeBilled();
        begun.failed(new IllegalStateException());

        assertThat(onlyRecord().costSource()).isEqualTo(CostSource.MAYBE_BILLED);
        assertThat(onlyRecord().firstToken()).isNull();
    }

    @Test
    @DisplayName("that may have been billed and returns is priced like any other")
    void mayBeBilledAndReturns() {
        OpenCall begun = in(SCOPE).begin();
        begun.mayBeBilled();
        begun.returned(new LlmResponse<>("a", "openai", "gpt-4o", TokenUsage.of(0, 0), null));

        assertThat(onlyRecord().costSource()).isEqualTo(CostSource.NONE);
    }

    @Test
    @DisplayName("does not wait for the store if it ends on another thread")
    void endsOnAnotherThread() throws InterruptedException {
        OpenCall call = in(SCOPE).begin();

        Thread other = new Thread(() -> call.returned(ANSWER));
        other.start();
        other.join();

        assertThat(recorder.records).isEmpty();
        assertThat(recorder.withoutWaiting).hasSize(1);
    }

    @Test
    @DisplayName("does not wait for the store if it ends on its own thread after its scope was closed")
    void endsAfterItsScope() {
        FixedScope scope = new FixedScope(SCOPE);
        OpenCall call =
                in(scope, new PriceList(new Settings(new MapConfig(Map.of())))).begin();

        scope.leave();
        call.returned(ANSWER);

        assertThat(recorder.records).isEmpty();
        assertThat(recorder.withoutWaiting).hasSize(1);
    }

    @Test
    @DisplayName("goes on without a call scope, and is counted")
    void withoutScope() {
        OpenCall call = in(null).begin();
        call.firstToken();
        try (CallScope.Handle inside = call.enter()) {
            call.returned(ANSWER);
        }

        assertThat(recorder.records).isEmpty();
        assertThat(recorder.withoutScope).hasSize(1);
    }

    @Test
    @DisplayName("has no record as a part of another call, and does not count as a call without a scope")
    void partOfAnotherCall() {
        CallTracker tracker = in(SCOPE);
        OpenCall outer = tracker.begin();
        try (CallScope.Handle inside = outer.enter()) {
            tracker.begin().returned(ANSWER);
        }
        outer.returned(ANSWER);
        tracker.begin().failed(new IllegalStateException());

        assertThat(recorder.records).extracting(CallRecord::status).containsExactly(CallStatus.OK, CallStatus.ERROR);
        assertThat(recorder.withoutScope).isEmpty();
    }

    @Test
    @DisplayName("has a cost by the price list if nobody else gives one, even if it failed and was billed")
    void priced() {
        LlmResponse<String> used =
                new LlmResponse<>("a", "openai", "gpt-4o-2024-08-06", TokenUsage.of(1000, 100), null);

        in(SCOPE).begin().returned(used);
        in(SCOPE).begin().failed(new IllegalStateException(), used);
        in(SCOPE).begin().returned(new LlmResponse<>("a", "openai", "gpt-4o", TokenUsage.of(1000, 100), 0.0));
        in(SCOPE).begin().returned(new LlmResponse<>("a", "openai", "gpt-4o", null, null));

        assertThat(recorder.records)
                .extracting(CallRecord::costUsd, CallRecord::costSource)
                .containsExactly(
                        tuple(new BigDecimal("0.0035000000"), CostSource.PRICE_LIST),
                        tuple(new BigDecimal("0.0035000000"), CostSource.PRICE_LIST),
                        tuple(new BigDecimal("0.0000000000"), CostSource.PROVIDER),
                        tuple(new BigDecimal("0.0000000000"), CostSource.NONE));
    }

    @Test
    @DisplayName("may have been billed if nobody waited for its end or its stream was cut, but not if it was refused")
    void maybeBilled() {
        PriceList prices = new PriceList(new Settings(new MapConfig(Map.of())));
        in(SCOPE, prices).begin().failed(new IllegalStateException(new TimeoutException()), null);
        in(SCOPE, prices).begin().failed(new IllegalStateException(), null);
        OpenCall cut = in(SCOPE, prices).begin();
        cut.firstToken();
        cut.failed(new IOException(), null);
        in(SCOPE, prices)
                .begin()
                .failed(new TimeoutException(), new LlmResponse<>(null, "openai", "gpt-4o", TokenUsage.of(1, 1), null));

        assertThat(recorder.records)
                .extracting(CallRecord::costSource)
                .containsExactly(
                        CostSource.MAYBE_BILLED, CostSource.NONE, CostSource.MAYBE_BILLED, CostSource.PRICE_LIST);
    }

    @Test
    @DisplayName("is recorded without a price if the price list fails")
    void priceListFails() {
        PriceList faulty = new PriceList() {
            @Override
            public Cost costOf(Cost given, CallUsage usage, Instant startedAt) {
                throw new NoClassDefFoundError();
            }
        };

        in(SCOPE, faulty).begin().returned(new LlmResponse<>("a", "openai", "gpt-4o", TokenUsage.of(1, 1), null));

        assertThat(onlyRecord().costSource()).isEqualTo(CostSource.NONE);
    }

    @Test
    @DisplayName("throws nothing, whatever recording throws")
    void recordingFails() {
        recorder.failure = new NoClassDefFoundError();

        in(SCOPE).begin().returned(ANSWER);
        in(null).begin().failed(new IllegalStateException());

        assertThat(recorder.records).isEmpty();
    }

    @Test
    @DisplayName("is recorded as unfinished if nobody refers to it any more")
    void forgotten() throws InterruptedException {
        CallTracker tracker = in(SCOPE);
        tracker.begin().firstToken();

        for (int i = 0; i < 500 && recorder.withoutWaiting.isEmpty(); i++) {
            System.gc();
            Thread.sleep(20);
        }

        assertThat(recorder.withoutWaiting)
                .extracting(CallRecord::errorClass)
                .containsExactly("UnfinishedCallException");
    }

    @Test
    @DisplayName("is recorded once, as unfinished, if it is open when the application stops")
    void openAtTheStop() {
        CallTracker tracker = in(SCOPE);
        OpenCall over = tracker.begin();
        OpenCall open = tracker.begin();
        over.returned(ANSWER);

        tracker.giveUpOpenCalls();
        open.returned(ANSWER);

        assertThat(recorder.records)
                .extracting(CallRecord::errorClass)
                .containsExactly(null, "UnfinishedCallException");
    }

    @Test
    @DisplayName("is recorded once, at its end or at the stop, if no thread can be made, which the log says once")
    void noThread() {
        // JUnit would end all tests at an OutOfMemoryError, so another Error stands for it.
        cleaners = () -> {
            throw new InternalError("unable to create native thread");
        };
        CallTracker tracker = in(SCOPE);
        try (CapturedLog log = CapturedLog.of("dev.tokentally.tracking")) {
            tracker.beginOfPort().orElseThrow().returned(ANSWER);
            OpenCall listened = tracker.begin();
            OpenCall open = tracker.begin();
            listened.returned(ANSWER);
            assertThat(tracker).extracting("open", COLLECTION).hasSize(1);

            tracker.giveUpOpenCalls();
            open.returned(ANSWER);
            after(5000);
            tracker.begin().returned(ANSWER);

            assertThat(log.messages())
                    .containsExactly("No thread can be made to find calls whose end nobody tells: "
                            + "java.lang.InternalError. Such a call is recorded when the application stops");
        }
        assertThat(recorder.records)
                .extracting(CallRecord::errorClass)
                .containsExactly(null, null, "UnfinishedCallException", null);
        assertThat(tracker).extracting("open", COLLECTION).isEmpty();
    }

    @Test
    @DisplayName("is watched again when a thread can be made, which is tried once a second")
    void threadAgain() {
        AtomicInteger tries = new AtomicInteger();
        cleaners = () -> {
            if (tries.incrementAndGet() == 1) {
                throw new InternalError("unable to create native thread");
            }
            return Cleaner.create();
        };
        CallTracker tracker = in(SCOPE);

        tracker.begin().returned(ANSWER);
        after(999);
        tracker.begin().returned(ANSWER);
        assertThat(tries).hasValue(1);
        after(1);
        tracker.begin().returned(ANSWER);
        tracker.begin().returned(ANSWER);

        assertThat(tries).hasValue(2);
        assertThat(recorder.records).hasSize(4);
    }

    private CallTracker in(CallScope.Current scope) {
        return in(scope, new PriceList(new Settings(new MapConfig(Map.of()))));
    }

    private CallTracker in(CallScope.Current scope, PriceList prices) {
        return in(new FixedScope(scope), prices);
    }

    private CallTracker in(FixedScope scope, PriceList prices) {
        return new CallTracker(scope, recorder, prices, Clock.fixed(NOW, ZoneOffset.UTC), nanos::get, cleaners);
    }

    private void after(long millis) {
        nanos.addAndGet(millis * 1_000_000);
    }

    private CallRecord onlyRecord() {
        assertThat(recorder.records).hasSize(1);
        return recorder.records.get(0);
    }

    private static final class BilledWithoutTokens extends RuntimeException implements BilledFailure {
        private static final long serialVersionUID = 1L;

        @Override
        public String provider() {
            return "openai";
        }

        @Override
        public String model() {
            return "gpt-4o";
        }

        @Override
        public TokenUsage tokens() {
            return null;
        }

        @Override
        public Double costUsd() {
            return null;
        }
    }
}
