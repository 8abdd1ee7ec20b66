package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.persistence.RealStores;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.time.ManualTicker;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.RejectedCall;
import dev.tokentally.usage.StoreUnavailableException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnOneJdk
@DisplayName("A record that one of two nodes has set aside")
@Timeout(180)
class RejectedCallsTest {

    private static final Instant NOW = Instant.parse("2026-11-20T06:00:00.123456Z");
    private static final String POISON = "alter table llm_calls add constraint no_poison check (tenant_id <> 'poison')";
    private static final String HEALED = "alter table llm_calls drop constraint no_poison";

    private static final DeployedApplication APPLICATION = new DeployedApplication() {

        @Override
        public String name() {
            return "application";
        }
    };

    @TempDir
    Path directory;

    private final List<Node> started = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    /** Whether each node has its own thread and the system's clock, as on a server. Otherwise the test looks for the nodes. */
    private boolean hasThreads;

    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        started.forEach(this::stop);
        log.close();
    }

    @ParameterizedTest
    @DisplayName("is listed by both nodes, and is tried again on both when a person asks one of them")
    @MethodSource("dev.tokentally.persistence.RealStores#kindsAndProviders")
    void retriedFromAnother(String kind, String provider) throws IOException {
        RealStores store = RealStores.of(kind, provider);
        store.execute(POISON);
        Node here = start(store, store.nodes(), "here");
        Node there = start(store, store.nodes(), "there");
        // This was a day ago, so nothing is tried by itself any more.
        List<CallRecord> calls = List.of(Calls.ok("poison", NOW), Calls.ok("poison", NOW.plusSeconds(1)));
        setAside(there, calls.get(0), NOW);
        setAside(here, calls.get(1), NOW.plusMillis(1));

        for (Node each : started) {
            await(() -> each.list().size() == 2);
            assertThat(each.list()).extracting(RejectedCall::node).containsExactly("here", "there");
        }
        assertThat(here.list()).isEqualTo(there.list()).first().satisfies(call -> assertThat(call)
                .isEqualTo(new RejectedCall(
                        calls.get(1).id(),
                        "poison",
                        "summarise",
                        NOW.plusSeconds(1),
                        NOW.plusMillis(1),
                        7,
                        null,
                        "not you",
                        "application",
                        "here")));
        assertThat(here.calls.list(place(here.list().get(0)), 10))
                .extracting(RejectedCall::node)
                .containsExactly("there");
        assertThat(here.calls.list(null, 1)).hasSize(1);

        here.calls.retry();
        await(() -> there.list().stream().allMatch(call -> call.tries() == 8));
        assertThat(there.list()).extracting(RejectedCall::reason).allMatch(reason -> reason.toLowerCase(Locale.ROOT)
                .contains("no_poison"));
        assertThat(there.list()).extracting(RejectedCall::nextTry).containsOnlyNulls();
        store.execute(HEALED);
        assertThat(store.count("select count(*) from llm_calls")).isZero();
        here.calls.retry();

        await(() -> store.count("select count(*) from llm_calls") == 2);
        await(() -> here.list().isEmpty() && there.list().isEmpty());
        assertThat(store.count("select count(*) from tokentally_rejected")).isZero();
    }

    @ParameterizedTest
    @DisplayName("is tried again by a node that was stopped when a person asked another node")
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    void stoppedMeanwhile(String kind) throws IOException {
        hasThreads = kind.equals("H2");
        RealStores store = RealStores.of(kind);
        store.execute(POISON);
        Node here = start(store, store.nodes(), "here");
        Node there = start(store, store.nodes(), "there");
        setAside(there, Calls.ok("poison", NOW), NOW);
        await(() -> here.list().size() == 1);
        await(() -> store.count("select count(*) from tokentally_nodes") == 2);
        stop(there);
        started.remove(there);
        assertThat(store.texts("select node from tokentally_nodes where stopped"))
                .containsExactly("there");
        store.execute(HEALED);

        here.calls.retry();
        await(() -> store.count("select max(retries_asked) from tokentally_nodes") == 1);
        start(store, store.nodes(), "there");

        await(() -> store.count("select count(*) from llm_calls") == 1);
        await(() -> store.count("select min(retries_done) from tokentally_nodes") == 1);
    }

    @Test
    @DisplayName("is listed by its own node while the store is out of reach")
    void storeIsDown() throws IOException {
        RecordingNodes down = (RecordingNodes) Proxy.newProxyInstance(
                RecordingNodes.class.getClassLoader(), new Class<?>[] {RecordingNodes.class}, (proxy, method, args) -> {
                    throw new StoreUnavailableException("the store is out of reach", null);
                });
        RealStores store = RealStores.of("H2");
        store.execute(POISON);
        Node here = start(store, down, "here");
        CallRecord call = Calls.ok("poison", NOW);
        setAside(here, call, NOW);

        assertThat(here.list()).extracting(RejectedCall::id).containsExactly(call.id());
    }

    @ParameterizedTest
    @DisplayName("is forgotten together with its node when the node was missing for a week")
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    void forgotten(String kind) throws Exception {
        RealStores store = RealStores.of(kind);
        store.execute(POISON);
        Node here = start(store, store.nodes(), "here");
        setAside(here, Calls.ok("poison", NOW), NOW);
        await(() -> store.count("select count(*) from tokentally_rejected") == 1);
        await(() -> store.count("select max(rejected) from tokentally_nodes") == 1);
        assertThat(store.texts("select application || node || mode || circuit || waiting || dropped || without_scope"
                        + " || coalesce(cast(oldest as varchar), '-') from tokentally_nodes"))
                .containsExactly("applicationheresyncclosed000-");

        store.nodes().forget();
        assertThat(store.count("select count(*) from tokentally_nodes")).isEqualTo(1);
        stop(here);
        started.remove(here);
        store.execute("update tokentally_nodes set last_seen = last_seen - interval '8' day");
        store.nodes().forget();

        assertThat(store.count("select count(*) from tokentally_nodes")).isZero();
        assertThat(store.count("select count(*) from tokentally_rejected")).isZero();
    }

    @Test
    @DisplayName(
            "is no longer listed once it is stored, although the node could not tell of too many changes since then")
    void tooManyChanges() throws IOException {
        RealStores store = RealStores.of("H2");
        Map<String, String> config = Map.of("tokentally.node", "here");
        SpooledRecorder recorder = Recorders.of(store.repository(), config);
        recorder.open(directory);
        try {
            Heartbeat heartbeat = new Heartbeat(
                    APPLICATION,
                    new Settings(new MapConfig(config)),
                    store.nodes(),
                    recorder,
                    Clock.systemUTC(),
                    ManualTicker.standing());
            heartbeat.identify();
            CallRecord first = Calls.ok("poison", NOW);
            CallRecord other = Calls.ok("poison", NOW);
            recorder.rejected().add(first, "not you", NOW);
            recorder.rejected().add(other, "not you", NOW);
            heartbeat.look(false);
            assertThat(store.count("select count(*) from tokentally_rejected")).isEqualTo(2);

            recorder.rejected().stored(first.id());
            for (int i = 0; i < 10_500; i++) {
                CallRecord call = Calls.ok("poison", NOW);
                recorder.rejected().add(call, "not you", NOW);
                recorder.rejected().stored(call.id());
            }
            for (int i = 0; i < 6; i++) {
                heartbeat.look(false);
            }

            assertThat(store.texts("select cast(id as varchar) from tokentally_rejected"))
                    .containsExactly(other.id().toString());
        } finally {
            recorder.stop();
        }
    }

    private static CallPosition place(RejectedCall call) {
        return new CallPosition(call.rejectedAt(), call.id());
    }

    private static void setAside(Node node, CallRecord call, Instant at) throws IOException {
        node.recorder.rejected().add(new Rejected(call, at, 7, null, at.plus(Duration.ofDays(1)), "not you"));
    }

    private Node start(RealStores store, RecordingNodes nodes, String name) {
        Map<String, String> config = Map.of("tokentally.node", name);
        SpooledRecorder recorder = Recorders.of(store.repository(), config);
        recorder.open(directory.resolve(name));
        recorder.start(Recorders::daemon);
        Ticker ticker = hasThreads ? Ticker.SYSTEM : nanos::get;
        Heartbeat heartbeat = new Heartbeat(
                APPLICATION, new Settings(new MapConfig(config)), nodes, recorder, Clock.systemUTC(), ticker);
        if (hasThreads) {
            heartbeat.start(Recorders::daemon);
        } else {
            heartbeat.identify();
        }
        Node node = new Node(recorder, heartbeat, new RejectedCalls(recorder, nodes, heartbeat));
        started.add(node);
        return node;
    }

    /** Waits. Each time it looks, the next heartbeat of all nodes is due. */
    private void await(BooleanSupplier condition) {
        Recorders.await(() -> {
            if (!hasThreads) {
                nanos.addAndGet(Heartbeat.BEAT_NANOS);
                started.forEach(node -> node.heartbeat.look(false));
            }
            return condition.getAsBoolean();
        });
    }

    private void stop(Node node) {
        node.recorder.stop();
        if (hasThreads) {
            node.heartbeat.stop();
        } else {
            node.heartbeat.look(true);
        }
    }

    private record Node(SpooledRecorder recorder, Heartbeat heartbeat, RejectedCalls calls) {

        List<RejectedCall> list() {
            return calls.list(null, 100);
        }
    }
}
