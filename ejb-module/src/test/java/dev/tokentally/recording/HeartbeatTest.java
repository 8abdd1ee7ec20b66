package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.RecordingMode;
import dev.tokentally.config.Settings;
import dev.tokentally.persistence.RealStores;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UserErasures;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The heartbeat")
@Timeout(60)
class HeartbeatTest {

    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
    private static final Settings SETTINGS = new Settings(new MapConfig(Map.of("tokentally.node", "here")));
    private static final DeployedApplication APPLICATION = new DeployedApplication() {
        @Override
        public String name() {
            return "shop";
        }
    };

    @TempDir
    Path directory;

    private final AtomicInteger beats = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger outages = new AtomicInteger();
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        log.close();
    }

    @Test
    @DisplayName("comes although its thread could not be made at the start, even if no call comes")
    void noThreadAtTheStart() {
        SpooledRecorder recorder = Recorders.of(new ScriptedRepository(), Map.of());
        recorder.open(directory);
        recorder.start(Recorders::daemon);
        Heartbeat heartbeat =
                new Heartbeat(APPLICATION, SETTINGS, nodes(), recorder, Clock.systemUTC(), System::nanoTime);

        heartbeat.start(failingOnce());

        Recorders.await(() -> beats.get() > 0);
        heartbeat.stop();
        recorder.stop();
    }

    @Test
    @DisplayName("is started by the request of an erasure, although its thread could not be made at the start")
    void erasureStartsIt() throws Exception {
        SpooledRecorder recorder = Recorders.of(new ScriptedRepository(), Map.of());
        recorder.open(directory);
        Erasures erasures = new Erasures(erasures());
        Heartbeat heartbeat = new Heartbeat(APPLICATION, SETTINGS, nodes(), recorder, erasures);
        heartbeat.start(failingOnce());

        while (looks.get() == 0) {
            erasures.begin("acme", "ann");
            Thread.sleep(50);
        }

        heartbeat.stop();
        recorder.stop();
    }

    @Test
    @DisplayName("makes the drainer's thread again, without waiting for a call")
    void drainerWithoutAThread() {
        SpooledRecorder recorder = Recorders.of(new ScriptedRepository(), Map.of());
        recorder.open(directory);
        AtomicInteger tries = new AtomicInteger();
        recorder.start(task -> {
            if (tries.getAndIncrement() == 0) {
                throw new InternalError("unable to create native thread");
            }
            return Recorders.daemon(task);
        });
        Heartbeat heartbeat =
                new Heartbeat(APPLICATION, SETTINGS, nodes(), recorder, Clock.systemUTC(), System::nanoTime);

        heartbeat.start(Recorders::daemon);

        Recorders.await(() -> tries.get() > 1);
        heartbeat.stop();
        recorder.stop();
    }

    @ParameterizedTest(name = "reading {0}")
    @DisplayName("comes again after the state of the spool could not be read once")
    @ValueSource(ints = {1, 2, 3})
    void stateCannotBeRead(int reading) {
        outages.set(1);
        AtomicInteger readings = new AtomicInteger(-10);
        AtomicLong nanos = new AtomicLong();
        SpooledRecorder recorder = new SpooledRecorder(SETTINGS, null, null, null, null, null) {
            @Override
            public RecordingStatus status() {
                if (readings.incrementAndGet() == reading) {
                    throw new InternalError("Java heap space");
                }
                return new RecordingStatus(RecordingMode.SYNC, Instant.EPOCH, 0, null, 0, 0, 0, 0, directory);
            }
        };
        recorder.open(directory);
        Heartbeat heartbeat = new Heartbeat(APPLICATION, SETTINGS, nodes(), recorder, Clock.systemUTC(), nanos::get);
        heartbeat.identify();
        readings.set(0);

        for (int second = 0; second < 60; second++) {
            heartbeat.look(false);
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }

        assertThat(readings.get()).isGreaterThan(reading);
        assertThat(beats.get()).isPositive();
        assertThat(log.messages())
                .singleElement()
                .asString()
                .startsWith("This node cannot report the state of its recording to other nodes; recording goes on: ");
        assertThat(log.lines().get(0).getThrown()).isInstanceOf(InternalError.class);
        recorder.stop();
    }

    @Test
    @DisplayName("asks for the same retries again after a restart, unless all of them were made before")
    void retriesAfterRestart() throws IOException {
        RealStores store = RealStores.of("H2");
        AtomicLong nanos = new AtomicLong();
        SpooledRecorder recorder = Recorders.of(store.repository(), Map.of());
        recorder.open(directory);
        CallRecord call = Calls.ok("acme", NOW);
        recorder.rejected().addForGood(call, "not you", NOW);
        Heartbeat heartbeat = beating(store, recorder, nanos);
        heartbeat.askForRetries();
        beat(heartbeat, nanos, 3);
        assertThat(recorder.rejected().due(NOW, 100)).hasSize(1);
        assertThat(store.count("select min(retries_asked) from tokentally_nodes"))
                .isEqualTo(1);
        recorder.stop();

        recorder = Recorders.of(store.repository(), Map.of());
        recorder.open(directory);
        heartbeat = beating(store, recorder, nanos);
        beat(heartbeat, nanos, 2);

        List<Rejected> due = recorder.rejected().due(NOW, 100);
        assertThat(due).extracting(Rejected::call).containsExactly(call);
        assertThat(store.count("select max(retries_done) from tokentally_nodes"))
                .isZero();
        recorder.rejected().refusedAgain(due.get(0), "not you", NOW);
        beat(heartbeat, nanos, 2);
        assertThat(store.count("select min(retries_done) from tokentally_nodes"))
                .isEqualTo(1);
        recorder.stop();

        recorder = Recorders.of(store.repository(), Map.of());
        recorder.open(directory);
        beat(beating(store, recorder, nanos), nanos, 2);

        assertThat(recorder.rejected().due(NOW, 100)).isEmpty();
        recorder.stop();
    }

    @Test
    @DisplayName("makes the retries that are asked for after the store has lost what it knew of the nodes")
    void retriesAfterALoss() throws IOException {
        RealStores store = RealStores.of("H2");
        AtomicLong nanos = new AtomicLong();
        SpooledRecorder recorder = Recorders.of(store.repository(), Map.of());
        recorder.open(directory);
        recorder.rejected().addForGood(Calls.ok("acme", NOW), "not you", NOW);
        Heartbeat heartbeat = beating(store, recorder, nanos);
        beat(heartbeat, nanos, 2);
        heartbeat.askForRetries();
        heartbeat.askForRetries();
        beat(heartbeat, nanos, 2);
        store.execute("delete from tokentally_nodes");
        beat(heartbeat, nanos, 2);
        recorder.rejected().refusedAgain(recorder.rejected().due(NOW, 100).get(0), "not you", NOW);
        assertThat(recorder.rejected().due(NOW, 100)).isEmpty();

        heartbeat.askForRetries();
        beat(heartbeat, nanos, 2);

        assertThat(recorder.rejected().due(NOW, 100)).hasSize(1);
        recorder.stop();
    }

    private static Heartbeat beating(RealStores store, SpooledRecorder recorder, AtomicLong nanos) {
        Heartbeat heartbeat = new Heartbeat(
                APPLICATION, SETTINGS, store.nodes(), recorder, Clock.fixed(NOW, ZoneOffset.UTC), nanos::get);
        heartbeat.identify();
        return heartbeat;
    }

    private static void beat(Heartbeat heartbeat, AtomicLong nanos, int times) {
        for (int i = 0; i < times; i++) {
            heartbeat.look(false);
            nanos.addAndGet(Heartbeat.BEAT_NANOS);
        }
    }

    /** JUnit would end all tests at an OutOfMemoryError, so another Error stands for it. */
    private static ThreadFactory failingOnce() {
        AtomicInteger tries = new AtomicInteger();
        return task -> {
            if (tries.getAndIncrement() == 0) {
                throw new InternalError("unable to create native thread");
            }
            return Recorders.daemon(task);
        };
    }

    private RecordingNodes nodes() {
        return fake(RecordingNodes.class, method -> {
            if (!method.equals("beat")) {
                return null;
            }
            if (outages.getAndDecrement() > 0) {
                throw new StoreUnavailableException("out of reach", null);
            }
            beats.incrementAndGet();
            return Optional.of(new RecordingNodes.Heard(Instant.EPOCH, 0, 0));
        });
    }

    private UserErasures erasures() {
        return fake(UserErasures.class, method -> switch (method) {
            case "hasKey" -> true;
            case "heeded" -> 0L;
            case "read" -> {
                looks.incrementAndGet();
                yield false;
            }
            default -> null;
        });
    }

    /** One of our ports, whose methods answer by their names. */
    private static <T> T fake(Class<T> port, Answers answers) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(), new Class<?>[] {port}, (proxy, method, args) -> answers.of(method.getName())));
    }

    private interface Answers {
        Object of(String method) throws StoreUnavailableException;
    }
}
