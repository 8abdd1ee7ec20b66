package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.persistence.RealStores;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.SeenNode;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The state of recording in all applications on all nodes")
@Timeout(180)
class NodesTest {

    /** What docs/operations.md promises. */
    private static final Duration IN_TIME = Duration.ofSeconds(2);

    @TempDir
    Path directory;

    private final List<Node> started = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        started.forEach(node -> {
            node.nodes.stop();
            node.recorder.stop();
        });
        log.close();
    }

    @ParameterizedTest
    @DisplayName("shows which node is missing and since when, by the database's clock, and drops it after 7 days")
    @MethodSource("dev.tokentally.persistence.RealStores#kindsAndProviders")
    void missing(String kind, String provider) {
        RealStores store = RealStores.of(kind, provider);
        Node here = node(store, store.nodes(), "tokentally", "web-1");
        Node killed = node(store, store.nodes(), "shop", "web-2");
        killed.recorder.withoutScope("a call");
        killed.heartbeat.look(false);
        here.heartbeat.look(false);

        assertThat(told(here)).containsExactly("shop web-2 alive", "tokentally web-1 alive");
        Instant lastSeen = here.seen("web-2").lastSeen();
        age(store, "web-2", 29);
        assertThat(told(here)).containsExactly("shop web-2 alive", "tokentally web-1 alive");
        age(store, "web-2", 2);

        assertThat(told(here)).containsExactly("shop web-2 missing", "tokentally web-1 alive");
        assertThat(here.seen("web-2").lastSeen()).isEqualTo(lastSeen.minusSeconds(31));
        assertThat(here.seen("web-2").state().withoutScope()).isEqualTo(1);
        assertThat(here.nodes.overview().storeUp()).isTrue();
        age(store, "web-2", Duration.ofDays(7).toSeconds() - 60);
        assertThat(told(here)).containsExactly("shop web-2 missing", "tokentally web-1 alive");
        age(store, "web-2", 60);
        assertThat(told(here)).containsExactly("tokentally web-1 alive");
    }

    @ParameterizedTest
    @DisplayName("drops a node as soon as it stops in order, and shows it under the same name when it starts again")
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    void stopped(String kind) {
        RealStores store = RealStores.of(kind);
        Node here = node(store, store.nodes(), "tokentally", "web-1");
        Node other = node(store, store.nodes(), "shop", "web-2");
        other.heartbeat.look(false);
        assertThat(told(here)).containsExactly("shop web-2 alive", "tokentally web-1 alive");

        other.heartbeat.look(true);
        assertThat(told(here)).containsExactly("tokentally web-1 alive");
        other.recorder.stop();
        node(store, store.nodes(), "shop", "web-2").heartbeat.look(false);

        assertThat(told(here)).containsExactly("shop web-2 alive", "tokentally web-1 alive");
        assertThat(store.count("select count(*) from tokentally_nodes")).isEqualTo(1);
    }

    @ParameterizedTest
    @DisplayName("shows a killed node only once when it is back")
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    void killed(String kind) {
        RealStores store = RealStores.of(kind);
        Node here = node(store, store.nodes(), "tokentally", "web-1");
        Node killed = node(store, store.nodes(), "shop", "web-2");
        killed.heartbeat.look(false);
        age(store, "web-2", 60);
        assertThat(told(here)).containsExactly("shop web-2 missing", "tokentally web-1 alive");
        killed.recorder.stop();

        node(store, store.nodes(), "shop", "web-2").heartbeat.look(false);

        assertThat(told(here)).containsExactly("shop web-2 alive", "tokentally web-1 alive");
    }

    @ParameterizedTest
    @DisplayName("shows both of two nodes that have the same host name, configured name and spool directory")
    @MethodSource("dev.tokentally.persistence.RealStores#kindsAndProviders")
    void sameName(String kind, String provider) {
        RealStores store = RealStores.of(kind, provider);
        Node one = node(store, store.nodes(), "shop", "web");
        Node two = twin(one, store.nodes());
        assertThat(two.heartbeat.here()).isEqualTo(one.heartbeat.here());
        for (int i = 0; i < 4; i++) {
            one.heartbeat.look(false);
            two.heartbeat.look(false);
            nanos.addAndGet(Heartbeat.BEAT_NANOS);
        }

        assertThat(told(one)).containsExactly("shop web alive", "shop web alive");
        assertThat(told(two)).containsExactly("shop web alive", "shop web alive");
        assertThat(log.lines())
                .filteredOn(line -> line.getMessage().contains("Another node"))
                .hasSize(1);
        two.heartbeat.look(true);
        assertThat(told(one)).containsExactly("shop web alive");
        assertThat(store.count("select count(*) from tokentally_nodes")).isEqualTo(2);
    }

    @Test
    @DisplayName("shows both of two nodes with the same configured name and different spools")
    void sameConfiguredName() {
        RealStores store = RealStores.of("H2");
        Node one = node(store, store.nodes(), "shop", "web");
        Node two = node(store, store.nodes(), "shop", "web");
        one.heartbeat.look(false);
        two.heartbeat.look(false);

        assertThat(told(one)).containsExactly("shop web alive", "shop web alive");
    }

    @Test
    @DisplayName("arrives within 2 s while the store is out of reach or hangs, and then covers this node only")
    void storeDown() {
        CountDownLatch hangs = new CountDownLatch(1);
        RealStores store = RealStores.of("H2");
        AtomicReference<Fault> fault = new AtomicReference<>(() -> {});
        Node here = node(store, faulty(store.nodes(), fault, new AtomicInteger()), "shop", "web-1");
        Node other = node(store, store.nodes(), "shop", "web-2");
        other.heartbeat.look(false);
        here.heartbeat.look(false);
        Instant seen = here.seen("web-1").lastSeen();
        assertThat(seen).isNotNull();

        fault.set(() -> {
            throw new StoreUnavailableException("the store is out of reach", null);
        });
        assertThat(here.nodes.overview().storeUp()).isFalse();
        assertThat(told(here)).containsExactly("shop web-1 alive");
        assertThat(here.seen("web-1").lastSeen()).isEqualTo(seen);
        fault.set(hangs::await);
        List<Duration> took = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long began = System.nanoTime();
            assertThat(here.nodes.overview().storeUp()).isFalse();
            took.add(Duration.ofNanos(System.nanoTime() - began));
        }
        // The best of three, since a busy machine may hold up any of them.
        assertThat(Collections.min(took)).isLessThan(IN_TIME);
        fault.set(() -> {});
        // The reading that hangs does not end, as on a connection whose other end is gone.
        Recorders.await(() -> here.nodes.overview().storeUp());
        assertThat(told(here)).containsExactly("shop web-1 alive", "shop web-2 alive");
        hangs.countDown();
    }

    @Test
    @DisplayName("covers this node only if the store has no table of nodes, and the log says so once")
    void withoutTable() {
        RealStores store = RealStores.of("H2");
        store.execute("drop table tokentally_nodes");
        Node here = node(store, store.nodes(), "shop", "web-1");
        for (int i = 0; i < 3; i++) {
            here.heartbeat.look(false);
            nanos.addAndGet(Heartbeat.BEAT_NANOS);
            assertThat(told(here)).containsExactly("shop web-1 alive");
        }

        assertThat(here.nodes.overview().storeUp()).isTrue();
        assertThat(log.lines())
                .filteredOn(line -> line.getMessage().contains("V5"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.getThrown()).isNull());
    }

    @Test
    @DisplayName("costs few connections and no log line in an outage")
    void outage() {
        RealStores store = RealStores.of("H2");
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<Fault> fault = new AtomicReference<>(() -> {
            throw new StoreUnavailableException("the store is out of reach", null);
        });
        Node here = node(store, faulty(store.nodes(), fault, asked), "shop", "web-1");
        for (int second = 0; second < 60; second++) {
            here.heartbeat.look(false);
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }

        assertThat(asked.get()).isBetween(2, 5);
        assertThat(log.lines()).isEmpty();
        fault.set(() -> {});
        nanos.addAndGet(Heartbeat.PAUSE_NANOS);
        here.heartbeat.look(false);
        assertThat(store.count("select count(*) from tokentally_nodes")).isEqualTo(1);
    }

    private static List<String> told(Node node) {
        return node.nodes.overview().nodes().stream()
                .map(seen -> seen.state().application() + " " + seen.state().node() + " "
                        + (seen.missing() ? "missing" : "alive"))
                .toList();
    }

    private static void age(RealStores store, String node, long seconds) {
        store.execute("update tokentally_nodes set last_seen = last_seen - interval '" + seconds
                + "' second(10) where node = '" + node + "'");
    }

    private Node node(RealStores store, RecordingNodes nodes, String application, String name) {
        SpooledRecorder recorder = Recorders.of(store.repository(), Map.of());
        recorder.open(directory.resolve(application).resolve(name));
        return with(recorder, nodes, application, name);
    }

    private Node twin(Node node, RecordingNodes nodes) {
        Heartbeat.Identity here = node.heartbeat.here();
        return with(node.recorder, nodes, here.application(), here.node());
    }

    private Node with(SpooledRecorder recorder, RecordingNodes store, String application, String name) {
        DeployedApplication deployed = new DeployedApplication() {

            @Override
            public String name() {
                return application;
            }
        };
        Settings settings = new Settings(new MapConfig(Map.of("tokentally.node", name)));
        Heartbeat heartbeat = new Heartbeat(deployed, settings, store, recorder, Clock.systemUTC(), nanos::get);
        heartbeat.identify();
        Nodes nodes = new Nodes(recorder, store, heartbeat);
        nodes.start(Recorders::daemon);
        Node node = new Node(recorder, heartbeat, nodes);
        started.add(node);
        return node;
    }

    /** The store's nodes. The fault happens before each request. */
    private static RecordingNodes faulty(RecordingNodes nodes, AtomicReference<Fault> fault, AtomicInteger asked) {
        return (RecordingNodes) Proxy.newProxyInstance(
                RecordingNodes.class.getClassLoader(), new Class<?>[] {RecordingNodes.class}, (proxy, method, args) -> {
                    asked.incrementAndGet();
                    fault.get().strike();
                    try {
                        return method.invoke(nodes, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private interface Fault {
        void strike() throws UsageStoreException, InterruptedException;
    }

    private record Node(SpooledRecorder recorder, Heartbeat heartbeat, Nodes nodes) {

        SeenNode seen(String name) {
            return nodes.overview().nodes().stream()
                    .filter(seen -> seen.state().node().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
