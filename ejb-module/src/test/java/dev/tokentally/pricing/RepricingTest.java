package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.BrokenLog;
import dev.tokentally.CapturedLog;
import dev.tokentally.time.ManualTicker;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import dev.tokentally.usage.WriteConflictException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A repricing")
class RepricingTest {

    private static final String PRICES = """
            provider,model,from,input,output
            openai,m,2026-01-01,1,10
            openai,free,2026-01-01,0,0
            """;
    private static final Instant START = Instant.parse("2026-05-01T00:00:00Z");
    private static final TokenCounts TOKENS = new TokenCounts(1000, 100, 0, 0, 0);

    private final ScriptedStore store = new ScriptedStore();
    private final ScriptedNodes nodes = new ScriptedNodes();
    private final Repricing repricing = Repricings.of(Repricings.list(PRICES), store, nodes, Ticker.SYSTEM);

    @Test
    @DisplayName("changes calls whose price is new or different, and nothing else")
    void whichCalls() throws Exception {
        add("m", TOKENS, "0", CostSource.NONE, CallStatus.OK);
        add("m", TOKENS, "0", CostSource.NONE, CallStatus.ERROR);
        add("m", TOKENS, "9", CostSource.PRICE_LIST, CallStatus.OK);
        add("free", TOKENS, "0", CostSource.NONE, CallStatus.OK);
        List<CallRecord> stay = List.of(
                add("m", TOKENS, "0.002", CostSource.PRICE_LIST, CallStatus.OK),
                add("m", TOKENS, "7", CostSource.PROVIDER, CallStatus.OK),
                add("m", TOKENS, "0", CostSource.PROVIDER, CallStatus.OK),
                add("unknown", TOKENS, "5", CostSource.PRICE_LIST, CallStatus.OK),
                add("unknown", TOKENS, "0", CostSource.NONE, CallStatus.OK),
                add("m", TokenCounts.ZERO, "0", CostSource.NONE, CallStatus.OK),
                add("m", TokenCounts.ZERO, "0", CostSource.NONE, CallStatus.ERROR));
        List<CallRecord> before = List.copyOf(store.calls);

        RepricingStatus tried = run(Window.ALWAYS, true);
        assertThat(store.calls).isEqualTo(before);
        RepricingStatus done = run(Window.ALWAYS, false);

        assertThat(store.calls.subList(0, 4))
                .extracting(CallRecord::costUsd)
                .containsExactly(usd("0.002"), usd("0.002"), usd("0.002"), usd("0"));
        assertThat(store.calls.subList(0, 4)).allMatch(call -> call.costSource() == CostSource.PRICE_LIST);
        assertThat(store.calls.subList(4, store.calls.size())).isEqualTo(stay);
        assertThat(done.state()).isEqualTo(RepricingState.DONE);
        assertThat(done.callsRead()).isEqualTo(11);
        assertThat(done.total()).isEqualTo(new RepricedCalls(null, null, 8, 4, 3, 0, usd("14.002"), usd("5.008")));
        assertThat(done.models())
                .containsExactly(
                        new RepricedCalls("openai", "unknown", 2, 0, 2, 0, usd("5"), usd("5")),
                        new RepricedCalls("openai", "m", 5, 3, 1, 0, usd("9.002"), usd("0.008")),
                        new RepricedCalls("openai", "free", 1, 1, 0, 0, usd("0"), usd("0")));
        assertThat(tried.total()).isEqualTo(done.total());
        assertThat(tried.models()).isEqualTo(done.models());
        assertThat(run(Window.ALWAYS, false).total().changes()).isZero();
    }

    @Test
    @DisplayName("changes a failed call that used only units, such as the searches of a reranker")
    void unitsOfFailedCall() throws Exception {
        Repricing byUnits = Repricings.of("""
                provider,model,from,input,output,search_units
                openai,m,2026-01-01,1,10,2
                """, store);
        TokenCounts units = new TokenCounts(0, 0, 0, 0, 0, Map.of("search_units", 3L), Set.of());
        add("m", units, "0.003", CostSource.PRICE_LIST, CallStatus.ERROR);
        byUnits.begin(Window.ALWAYS, false);
        Repricings.awaitEnd(byUnits);

        assertThat(store.calls).extracting(CallRecord::costUsd).containsExactly(usd("0.006"));
    }

    @Test
    @DisplayName("of rows with every meter, tier, kind and doubt gives the same cost as the first pricing")
    void everyMeter() throws Exception {
        PriceList list = Lists.liteLlm(Lists.text("litellm-prices.json"));
        Repricing again = Repricings.of(list, store);
        String[] models = {"gpt-5.6-sol", "gpt-4o-audio-preview-2024-12-17", "gpt-5-nano", "nobody's"};
        String[] tiers = {"", "standard", "flex", "priority", "batch", "turbo"};
        Random random = new Random(18);
        for (int i = 0; i < 500; i++) {
            int input = 1 + random.nextInt(400_000);
            int output = 1 + random.nextInt(5_000);
            TokenCounts tokens = new TokenCounts(
                    input,
                    output,
                    random.nextInt(1 + input / 3),
                    random.nextInt(1 + input / 3),
                    random.nextInt(1 + output / 2),
                    Map.of("input_audio_tokens", (long) random.nextInt(1 + input / 3), "web_searches", i % 3L),
                    i % 7 == 0 ? Set.of("output_unknown") : i % 11 == 0 ? Set.of("contradictory") : Set.of());
            CallUsage usage = new CallUsage(
                    "openai",
                    models[random.nextInt(4)],
                    tokens,
                    tiers[random.nextInt(6)],
                    i % 5 == 0 ? "image" : "chat");
            store.calls.add(new CallRecord(
                    UUID.randomUUID(),
                    new CallOrigin(UUID.randomUUID(), "acme", "chat"),
                    new CallTiming(START.plusSeconds(i), Duration.ZERO, null),
                    usage,
                    list.costOf(Cost.UNKNOWN, usage, START.plusSeconds(i)),
                    CallOutcome.OK));
        }
        again.begin(Window.ALWAYS, false);
        RepricingStatus done = Repricings.awaitEnd(again);

        assertThat(done.total().changes()).isZero();
        assertThat(done.total().calls()).isEqualTo(500);
        assertThat(store.calls)
                .extracting(CallRecord::costSource)
                .contains(CostSource.PRICE_LIST, CostSource.PARTIAL, CostSource.NONE);
        assertThat(done.notes()).singleElement().asString().contains("prices of today");
        assertThat(run(Window.ALWAYS, true).notes()).as("a list with dates").isEmpty();
    }

    @Test
    @DisplayName("does not change calls outside its window, or calls that start after it began")
    void window() throws Exception {
        Instant future = Instant.now().plus(Duration.ofDays(1));
        add(START.minusSeconds(1));
        add(START);
        add(START.plusSeconds(9));
        add(START.plusSeconds(10));
        add(future);

        assertThat(run(new Window(START, START.plusSeconds(10)), true).total().changes())
                .isEqualTo(2);
        RepricingStatus all = run(Window.ALWAYS, true);
        assertThat(all.total().changes()).isEqualTo(4);
        assertThat(all.window()).isEqualTo(new Window(null, all.startedAt()));
        assertThat(run(new Window(START, future), true).total().changes()).isEqualTo(3);
        assertThat(run(new Window(future.minusSeconds(1), null), true).state()).isEqualTo(RepricingState.DONE);
    }

    @Test
    @DisplayName("changes a call that is stored behind it while it runs")
    void storedMeanwhile() throws Exception {
        for (int i = 0; i < 3 * RepricingJob.BATCH; i++) {
            add(START.plusSeconds(i));
        }
        store.pages = new Semaphore(1);
        repricing.begin(Window.ALWAYS, false);
        Repricings.await(repricing, status -> status.callsRead() > 0);
        for (int i = 0; i < 2 * RepricingJob.BATCH; i++) {
            store.storedAt.put(add(START.plusSeconds(10_000 + i / 3)).id(), Instant.now());
        }
        store.storedAt.put(add(START.minusSeconds(1)).id(), Instant.now());
        store.pages.release(10);

        RepricingStatus done = Repricings.awaitEnd(repricing);
        assertThat(done.state()).isEqualTo(RepricingState.DONE);
        assertThat(store.calls).allMatch(call -> call.costUsd().equals(usd("0.002")));
        assertThat(done.total().changes()).isEqualTo(5 * RepricingJob.BATCH + 1);
        assertThat(done.total().calls()).isEqualTo(5 * RepricingJob.BATCH + 1);
        assertThat(done.notes()).isEmpty();
    }

    @Test
    @DisplayName("shows the changes of late calls while it searches for more of them")
    void lateCallsAreShown() throws Exception {
        add(START);
        List<Long> shown = new ArrayList<>();
        store.beforeLateCalls = () -> {
            if (shown.isEmpty()) {
                for (int i = 0; i < 2 * RepricingJob.BATCH; i++) {
                    store.storedAt.put(add(START.minusSeconds(i)).id(), Instant.now());
                }
            }
            shown.add(repricing.latest().get(0).total().changes());
        };

        assertThat(run(Window.ALWAYS, false).total().changes()).isEqualTo(1 + 2 * RepricingJob.BATCH);
        assertThat(shown).containsExactly(1L, 1L + RepricingJob.BATCH, 1L + 2 * RepricingJob.BATCH);
    }

    @ParameterizedTest
    @DisplayName("finds calls that were stored meanwhile in every stretch of its window, and those of no other window")
    @ValueSource(booleans = {false, true})
    void stretches(boolean open) throws Exception {
        int before = RepricingJob.BATCH * RepricingJob.PAGES_OF_A_STRETCH * 2;
        // The first stretch begins with a thousand calls that start at the same time.
        for (int i = 0; i < before + 100; i++) {
            add(START.plusSeconds(Math.max(0, i - 1000)), "m", TOKENS, "0.002", CostSource.PRICE_LIST, CallStatus.OK);
        }
        List<CallRecord> late = new ArrayList<>();
        store.beforeLateCalls = () -> {
            store.beforeLateCalls = () -> {};
            for (int i = 0; i < before + 10; i += 97) {
                CallRecord call = add(START.plusSeconds(i));
                store.storedAt.put(call.id(), Instant.now());
                late.add(call);
            }
        };

        RepricingStatus done =
                run(open ? Window.ALWAYS : new Window(START.plusSeconds(97), START.plusSeconds(5_000)), false);

        assertThat(done.state()).isEqualTo(RepricingState.DONE);
        Set<UUID> changed = store.calls.stream()
                .filter(call -> call.costSource() == CostSource.PRICE_LIST)
                .map(CallRecord::id)
                .collect(Collectors.toSet());
        assertThat(late).hasSize(before / 97 + 1).allSatisfy(call -> assertThat(changed.contains(call.id()))
                .isEqualTo(open
                        || !call.startedAt().isBefore(START.plusSeconds(97))
                                && call.startedAt().isBefore(START.plusSeconds(5_000))));
    }

    @Test
    @DisplayName("says how many records its nodes have not stored yet, unless their calls started after its window")
    void notYetStored() throws Exception {
        add(START);
        nodes.add(20_000, START.plusSeconds(1), 0, false);
        nodes.add(300, START.plusSeconds(100), 0, false);
        nodes.add(1, START, 7, false);
        nodes.add(0, null, 0, false);
        nodes.failures.add(new StoreUnavailableException("down", null));

        for (boolean dryRun : new boolean[] {true, false}) {
            RepricingStatus done = run(new Window(START, START.plusSeconds(100)), dryRun);
            assertThat(done.state()).isEqualTo(RepricingState.DONE);
            assertThat(done.notes())
                    .singleElement()
                    .asString()
                    .startsWith("Not all records were stored: 20001 waited and 7 were set aside")
                    .contains("Run this repricing again");
        }

        nodes.seen.clear();
        nodes.add(300, START.plusSeconds(100), 0, false);
        assertThat(run(new Window(START, START.plusSeconds(100)), false).notes())
                .isEmpty();
        nodes.add(0, null, 0, true);
        assertThat(run(Window.ALWAYS, true).notes())
                .hasSize(2)
                .last()
                .asString()
                .contains("have not reported for half a minute", "there: 1.");
        nodes.failures.add(new UsageStoreException("the nodes could not be read", null));
        RepricingStatus unknown = run(Window.ALWAYS, false);
        assertThat(unknown.state()).isEqualTo(RepricingState.DONE);
        assertThat(unknown.notes()).singleElement().asString().contains("not known", "the nodes could not be read");
    }

    @Test
    @DisplayName("counts a call that somebody else changed meanwhile, and does not change it")
    void changedMeanwhile() throws Exception {
        add(START);
        store.changedByOthers.add(add(START).id());

        RepricedCalls total = run(Window.ALWAYS, false).total();

        assertThat(total).isEqualTo(new RepricedCalls(null, null, 2, 1, 0, 1, usd("0"), usd("0.002")));
        assertThat(store.calls)
                .extracting(CallRecord::costSource)
                .containsExactly(CostSource.PRICE_LIST, CostSource.NONE);
    }

    @Test
    @DisplayName(
            "waits for a store that is out of reach, even if the outcome of a change is not known, and for other transactions")
    void outage() throws Exception {
        for (int i = 0; i < 3 * RepricingJob.BATCH; i++) {
            add(START.plusSeconds(i / 7));
        }
        store.pages = new Semaphore(1);
        store.failures.add(new StoreUnavailableException("down", null));
        store.failures.add(new WriteConflictException("another transaction stood in the way", null));
        store.lostAnswers = 1;
        RepricingStatus done;
        try (CapturedLog log = CapturedLog.of(RepricingJob.class.getName())) {
            repricing.begin(Window.ALWAYS, false);
            Repricings.await(repricing, status -> status.state() == RepricingState.WAITING);
            store.pages.release(10);
            done = Repricings.awaitEnd(repricing);
            assertThat(log.messages())
                    .filteredOn(line -> line.contains(" waits for "))
                    .satisfiesExactly(
                            line -> assertThat(line).endsWith(" waits for the store: down"),
                            line -> assertThat(line)
                                    .contains(" waits for another transaction, then tries again: another"),
                            line -> assertThat(line).endsWith(" waits for the store: the answer is lost"));
        }
        assertThat(done.state()).isEqualTo(RepricingState.DONE);
        assertThat(done.total().changes()).isEqualTo(3 * RepricingJob.BATCH);
        assertThat(done.total().changedMeanwhile()).isZero();
        assertThat(store.calls).allMatch(call -> call.costUsd().equals(usd("0.002")));
    }

    @Test
    @DisplayName(
            "waits longer after each try in an outage, up to a limit, and starts again with the shortest pause after it")
    void pauses() throws Exception {
        for (int i = 0; i < 2 * RepricingJob.BATCH; i++) {
            add(START.plusSeconds(i));
        }
        ManualTicker ticker = ManualTicker.passing();
        Repricing quick = Repricings.of(Repricings.list(PRICES), store, ticker);
        for (int i = 0; i < 7; i++) {
            store.failures.add(new StoreUnavailableException("down", null));
        }
        store.lostAnswers = 1;

        quick.begin(Window.ALWAYS, false);

        assertThat(Repricings.awaitEnd(quick).state()).isEqualTo(RepricingState.DONE);
        assertThat(ticker.waits())
                .extracting(Duration::toMillis)
                .containsExactly(250L, 500L, 1000L, 2000L, 4000L, 5000L, 5000L, 250L);
    }

    @Test
    @DisplayName("ends if the store fails in another way, says how far it came, and does the rest when it is run again")
    void failed() throws Exception {
        // Two calls start at the same time, one on each side of the page's end.
        for (int i = 0; i < 2 * RepricingJob.BATCH; i++) {
            add(START.plusSeconds((i + 1) / 2));
        }
        store.pages = new Semaphore(1);
        repricing.begin(Window.ALWAYS, false);
        Repricings.await(repricing, status -> status.callsRead() > 0);
        store.failures.add(new UsageStoreException("the store could not be read", null));
        store.pages.release(10);

        RepricingStatus failed = Repricings.awaitEnd(repricing);
        assertThat(failed.state()).isEqualTo(RepricingState.FAILED);
        assertThat(failed.fault()).isEqualTo("the store could not be read");
        assertThat(failed.reached())
                .isEqualTo(START.plusSeconds(RepricingJob.BATCH / 2).plusNanos(1000));
        assertThat(failed.total().changes()).isEqualTo(RepricingJob.BATCH);

        RepricingStatus rest = run(new Window(null, failed.reached()), false);
        assertThat(rest.total().changes()).isEqualTo(RepricingJob.BATCH);
        assertThat(store.calls).allMatch(call -> call.costUsd().equals(usd("0.002")));
    }

    @ParameterizedTest
    @DisplayName("is stopped on request, while it runs and while it waits, and by the end of the application")
    @ValueSource(strings = {"running", "waiting", "application"})
    void stopped(String when) throws Exception {
        for (int i = 0; i < 2 * RepricingJob.BATCH; i++) {
            add(START.plusSeconds(i));
        }
        store.pages = new Semaphore(1);
        UUID id = repricing.begin(Window.ALWAYS, false).id();
        Repricings.await(repricing, status -> status.callsRead() > 0);
        if (when.equals("waiting")) {
            for (int i = 0; i < 100; i++) {
                store.failures.add(new StoreUnavailableException("down", null));
            }
            store.pages.release(1000);
            Repricings.await(repricing, status -> status.state() == RepricingState.WAITING);
        }
        if (when.equals("application")) {
            Thread stopping = new Thread(repricing::stop);
            stopping.start();
            while (stopping.isAlive() && stopping.getState() != Thread.State.TIMED_WAITING) {
                Thread.sleep(5);
            }
            store.pages.release(1000);
            stopping.join();
            assertThatThrownBy(() -> repricing.begin(Window.ALWAYS, false)).isInstanceOf(IllegalStateException.class);
        } else {
            assertThat(repricing.stop(id)).isPresent();
            store.pages.release(1000);
        }

        RepricingStatus status = Repricings.awaitEnd(repricing);
        assertThat(status.state()).isEqualTo(RepricingState.STOPPED);
        assertThat(status.endedAt()).isNotNull();
        assertThat(status.total().changes()).isBetween(500L, 1000L);
        assertThat(store.calls.stream().filter(call -> call.costSource() == CostSource.PRICE_LIST))
                .hasSize((int) status.total().changes());
    }

    @Test
    @DisplayName(
            "is refused while another one runs, and can be looked up after its end, together with the nine before it")
    void oneAtATime() throws Exception {
        store.pages = new Semaphore(0);
        UUID first = repricing.begin(Window.ALWAYS, true).id();
        assertThatThrownBy(() -> repricing.begin(Window.ALWAYS, true))
                .isInstanceOfSatisfying(RepricingRunningException.class, e -> assertThat(e.running())
                        .isEqualTo(first));
        store.pages.release(1000);
        Repricings.awaitEnd(repricing);

        for (int i = 1; i < 10; i++) {
            run(Window.ALWAYS, true);
        }
        assertThat(repricing.status(first)).isPresent();
        run(Window.ALWAYS, true);
        assertThat(repricing.status(first)).isEmpty();
        assertThat(repricing.stop(first)).isEmpty();
        assertThat(repricing.latest()).hasSize(10);
    }

    @Test
    @DisplayName("has figures for a thousand models, and one sum for all others")
    void manyModels() throws Exception {
        for (int i = 0; i < 1100; i++) {
            add("model " + i, TOKENS, "1", CostSource.PRICE_LIST, CallStatus.OK);
        }

        RepricingStatus status = run(Window.ALWAYS, true);

        assertThat(status.models()).hasSize(1001);
        assertThat(status.models().get(1000))
                .isEqualTo(new RepricedCalls(null, null, 100, 0, 100, 0, usd("100"), usd("100")));
        assertThat(status.total().calls()).isEqualTo(1100);
    }

    @Test
    @DisplayName("is done even if the server's log throws at each line")
    void brokenLog() throws Exception {
        add(START);
        try (BrokenLog log = BrokenLog.of("dev.tokentally.pricing")) {
            assertThat(run(Window.ALWAYS, false).state()).isEqualTo(RepricingState.DONE);
            assertThat(run(Window.ALWAYS, false).state()).isEqualTo(RepricingState.DONE);
            assertThat(log.lines()).isPositive();
        }
    }

    @Test
    @DisplayName("fails if something unexpected is thrown, and the log says where")
    void unexpected() throws Exception {
        add(START);
        store.broken = new IllegalStateException("first\nsecond", new IllegalArgumentException("cause"));

        try (CapturedLog log = CapturedLog.of(RepricingJob.class.getName())) {
            RepricingStatus failed = run(Window.ALWAYS, false);
            assertThat(failed.state()).isEqualTo(RepricingState.FAILED);
            assertThat(failed.fault()).isEqualTo("an unexpected failure; the server's log says more");
            assertThat(log.messages())
                    .filteredOn(line -> line.startsWith("Repricing " + failed.id() + " failed: "))
                    .singleElement()
                    .asString()
                    .contains("IllegalStateException: first second", "\tat " + RepricingTest.class.getName())
                    .contains("Caused by: " + IllegalArgumentException.class.getName());
        }
    }

    @Test
    @DisplayName("has failed, and lets another one begin, if its thread could not even say how it ended")
    void endsWithoutAWord() throws Exception {
        store.pages = new Semaphore(0);
        UUID first = repricing.begin(Window.ALWAYS, false).id();
        store.failures.add(new UsageStoreException("refused", null));
        store.fault = new InternalError("on purpose");
        store.pages.release(Integer.MAX_VALUE);

        assertThat(Repricings.awaitEnd(repricing).state()).isEqualTo(RepricingState.FAILED);
        assertThat(repricing.status(first).orElseThrow().fault())
                .isEqualTo("an unexpected failure; the server's log says more");
        assertThat(run(Window.ALWAYS, false).state()).isEqualTo(RepricingState.DONE);
    }

    private RepricingStatus run(Window window, boolean dryRun) throws Exception {
        repricing.begin(window, dryRun);
        return Repricings.awaitEnd(repricing);
    }

    private CallRecord add(Instant startedAt) {
        return add(startedAt, "m", TOKENS, "0", CostSource.NONE, CallStatus.OK);
    }

    private CallRecord add(String model, TokenCounts tokens, String cost, CostSource source, CallStatus status) {
        return add(START, model, tokens, cost, source, status);
    }

    private CallRecord add(
            Instant startedAt, String model, TokenCounts tokens, String cost, CostSource source, CallStatus status) {
        CallRecord call = new CallRecord(
                UUID.randomUUID(),
                new CallOrigin(UUID.randomUUID(), "acme", "chat"),
                new CallTiming(startedAt, Duration.ofMillis(5), null),
                new CallUsage("openai", model, tokens),
                new Cost(usd(cost), source),
                new CallOutcome(status, status == CallStatus.ERROR ? "Billed" : null));
        store.calls.add(call);
        return call;
    }

    private static BigDecimal usd(String text) {
        return new BigDecimal(text).setScale(CallRecord.COST_SCALE);
    }
}
