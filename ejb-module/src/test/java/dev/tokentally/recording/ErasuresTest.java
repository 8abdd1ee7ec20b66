package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.config.UserHash;
import dev.tokentally.persistence.RealStores;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Erasure;
import dev.tokentally.usage.ErasureState;
import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.UserErasures;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("Erasing a user")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class ErasuresTest {

    private static final String KEY = "a key of the tests";
    private static final int ROWS = Integer.getInteger("rows", 5_000);
    private static final UserHash HASH = new Settings(new MapConfig(Map.of("tokentally.user.hash-key", KEY)))
            .userHash()
            .orElseThrow();

    private final AtomicLong ahead = new AtomicLong();

    @ParameterizedTest
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    @DisplayName(
            "among many rows also covers records that wait in two nodes' spools, and leaves figures and other tenants unchanged")
    void many(String kind, @TempDir Path spools) throws Exception {
        RealStores store = RealStores.of(kind);
        RealStores.ErasingNode first = store.node(KEY, ahead::get);
        RealStores.ErasingNode second = store.node(KEY, ahead::get);
        Instant start = Instant.now().minusSeconds(86_400).truncatedTo(ChronoUnit.MICROS);
        for (int from = 0; from < ROWS; from += 500) {
            List<CallRecord> calls = new ArrayList<>();
            for (int i = from; i < Math.min(ROWS, from + 500); i++) {
                calls.add(Calls.ok("acme", start.plusNanos(1000L * i)).withUser(user(i)));
            }
            first.repository().storeAll(calls);
        }
        CallRecord elsewhere = Calls.ok("other", start).withUser("ann");
        first.repository().store(elsewhere);
        List<CallRecord> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(Calls.ok("acme", start.plusSeconds(3600 + i)).withUser(i % 2 == 0 ? "ann" : HASH.of("ann")));
        }
        wait(waiting.subList(0, 50), spools.resolve("first"));
        wait(waiting.subList(50, 99), spools.resolve("second"));
        String costs =
                "select cast(sum(cost_usd) as varchar) || ' ' || count(*) from llm_calls where tenant_id = 'acme'";
        String before = store.texts(costs).get(0);
        long began = System.nanoTime();
        second.erasures().read();

        Erasure asked = erase(first, "acme", "ann");
        long took = System.nanoTime() - began;
        Erasure done = first.erasures().find(asked.id()).orElseThrow();

        assertThat(done.state()).isEqualTo(ErasureState.DONE);
        assertThat(done.rowsDone()).isEqualTo(done.rowsTotal()).isEqualTo(ROWS / 5 * 2);
        assertThat(done.endedAt()).isNotNull();
        assertThat(store.texts(costs)).containsExactly(before);
        assertThat(names(store)).isZero();

        pass();
        drain(spools.resolve("first"), first);
        drain(spools.resolve("second"), second);
        assertThat(names(store)).isZero();
        second.repository().store(waiting.get(99));
        second.repository().storeAgain(waiting.get(0));
        first.repository().storeAll(waiting);

        assertThat(names(store)).isZero();
        assertThat(store.count("select count(*) from llm_calls where user_id like 'erased-%'"))
                .isEqualTo(ROWS / 5 * 2 + 100);
        assertThat(store.count("select count(distinct user_id) from llm_calls where user_id like 'erased-%'"))
                .isEqualTo(1);
        assertThat(store.count("select count(*) from llm_calls where tenant_id = 'other' and user_id = 'ann'"))
                .isEqualTo(1);
        CallRecord later = Calls.ok("acme", Instant.now().plusSeconds(60)).withUser("ann");
        second.repository().store(later);
        assertThat(names(store)).isEqualTo(1);
        System.out.printf("%s: %d of %d rows erased in %d ms%n", kind, done.rowsDone(), ROWS, took / 1_000_000);
    }

    private static void wait(List<CallRecord> calls, Path directory) throws IOException {
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 24, false))) {
            for (CallRecord call : calls) {
                spool.append(call);
            }
        }
    }

    private static void drain(Path directory, RealStores.ErasingNode node) {
        SpooledRecorder recorder = Recorders.of(node.repository(), Map.of());
        recorder.open(directory);
        assertThat(recorder.status().waiting()).isGreaterThan(40);
        recorder.start(Recorders::daemon);
        try {
            Recorders.await(() -> recorder.status().waiting() == 0);
        } finally {
            recorder.stop();
        }
    }

    private static String user(int i) {
        return switch (i % 5) {
            case 0 -> "ann";
            case 1 -> HASH.of("ann");
            case 2 -> "bob";
            case 3 -> HASH.of("bob");
            default -> null;
        };
    }

    @ParameterizedTest
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    @DisplayName("begins again for a record of a node without the key, which cannot know the user")
    void keyless(String kind) throws Exception {
        RealStores store = RealStores.of(kind);
        RealStores.ErasingNode first = store.node(KEY, ahead::get);
        RealStores.ErasingNode keyless = store.node(null, ahead::get);
        CallRecord call = Calls.ok("acme", Instant.now().minusSeconds(60)).withUser("ann");
        Erasure asked = erase(first, "acme", "ann");
        assertThat(first.erasures().find(asked.id()).orElseThrow().state()).isEqualTo(ErasureState.DONE);

        // Without the key the node cannot know which user the erasure means.
        keyless.repository().store(call);
        assertThat(names(store)).isEqualTo(1);
        assertThat(keyless.erasures().read()).isTrue();
        assertThat(first.erasures().find(asked.id()).orElseThrow().state()).isEqualTo(ErasureState.RUNNING);
        carryOut(first);

        assertThat(names(store)).isZero();
        assertThat(first.erasures().find(asked.id()).orElseThrow().state()).isEqualTo(ErasureState.DONE);
    }

    @ParameterizedTest
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    @DisplayName("waits for a node that has not confirmed the erasure, and not for a node that stopped")
    void nodes(String kind) throws Exception {
        RealStores store = RealStores.of(kind);
        RealStores.ErasingNode first = store.node(KEY, ahead::get);
        NodeState here = node(false);
        store.nodes().beat(here, null, 0);
        store.nodes().beat(node(true), null, 0);
        UserErasures erasures = first.erasures();
        Erasure asked = erasures.ask("acme", "ann");

        assertThat(erasures.behind(asked.id())).hasSize(1);
        erasures.tell(here.id());
        assertThat(erasures.behind(asked.id())).isEmpty();
        assertThat(erasures.isSettled(asked.id())).isFalse();
        pass();
        assertThat(erasures.isSettled(asked.id())).isTrue();
        assertThat(erasures.take(asked.id(), here.id())).isPresent();
        assertThat(erasures.take(asked.id(), UUID.randomUUID())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    @DisplayName("completes both of two requests at once, and needs a key")
    void twice(String kind) throws Exception {
        RealStores store = RealStores.of(kind);
        RealStores.ErasingNode first = store.node(KEY, ahead::get);
        first.repository()
                .store(Calls.ok("acme", Instant.now().minusSeconds(60)).withUser("ann"));
        Erasure one = first.erasures().ask("acme", "ann");
        Erasure two = first.erasures().ask("acme", "ann");
        pass();
        carryOut(first);

        assertThat(one.id()).isNotEqualTo(two.id());
        assertThat(first.erasures().find(one.id()).orElseThrow().rowsDone()).isEqualTo(1);
        assertThat(first.erasures().find(two.id()).orElseThrow().rowsDone()).isZero();
        assertThat(first.erasures().find(two.id()).orElseThrow().state()).isEqualTo(ErasureState.DONE);
        assertThat(names(store)).isZero();
        assertThatThrownBy(() -> new Erasures(store.node(null, ahead::get).erasures()).begin("acme", "ann"))
                .isInstanceOf(HashKeyMissingException.class)
                .hasMessageContaining("tokentally.user.hash-key");
    }

    private Erasure erase(RealStores.ErasingNode node, String tenant, String user) throws Exception {
        Erasure asked = node.erasures().ask(tenant, user);
        pass();
        carryOut(node);
        return asked;
    }

    /** Lets enough time pass that the erasures must be read again. */
    private void pass() {
        ahead.addAndGet(TimeUnit.SECONDS.toNanos(7));
    }

    private static void carryOut(RealStores.ErasingNode node) throws Exception {
        node.erasures().read();
        Erasures erasures = new Erasures(node.erasures());
        erasures.look(UUID.randomUUID(), true);
        erasures.carryOut();
    }

    private static long names(RealStores store) {
        return store.count("select count(*) from llm_calls where tenant_id = 'acme' and user_id in ('ann', '"
                + HASH.of("ann") + "')");
    }

    private static NodeState node(boolean stopped) {
        return new NodeState(UUID.randomUUID(), "app", "node", "sync", "closed", 0, null, 0, 0, 0, stopped);
    }
}
