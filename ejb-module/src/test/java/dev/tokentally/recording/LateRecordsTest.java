package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.persistence.RealStores;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Retention;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("Records from a time whose calls were dropped")
@Timeout(180)
class LateRecordsTest {

    private static final Instant KEPT_FROM = Instant.parse("2026-08-01T00:00:00Z");

    @TempDir
    Path directory;

    private CapturedLog log;
    private SpooledRecorder recorder;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        recorder.stop();
        log.close();
    }

    @ParameterizedTest(name = "{0}, {1}")
    @DisplayName(
            "are set aside at once, counted once and never stored, block no other record, and do not look like an outage")
    @MethodSource("dev.tokentally.persistence.RealStores#kindsAndModes")
    void setAside(String kind, String mode) throws Exception {
        RealStores store = RealStores.of(kind);
        store.execute("update tokentally_rollup_state set kept_from = '2026-08-01 00:00:00+00'");
        assertThat(store.nodes().retention()).isEqualTo(new Retention(KEPT_FROM, 0, 0));
        recorder = Recorders.of(store.repository(), Map.of("tokentally.recording.mode", mode));
        recorder.open(new SpoolOptions(directory, 16 << 20, false));
        recorder.start(Recorders::daemon);

        for (int i = 1; i <= 30; i++) {
            recorder.record(Calls.ok("late", KEPT_FROM.minusSeconds(i)));
        }
        Recorders.await(() -> rejected().size() == 30 && recorder.status().waiting() == 0);
        assertThat(recorder.status().storeDownSince()).isNull();
        CallRecord first = Calls.ok("acme", KEPT_FROM);
        recorder.record(first);
        recorder.record(Calls.ok("late", Instant.parse("1969-07-20T20:17:40Z")));
        Recorders.await(() -> rejected().size() == 31 && store.count("select count(*) from llm_calls") == 1);

        assertThat(store.texts("select tenant_id from llm_calls")).containsExactly("acme");
        Recorders.await(() -> store.count("select too_old from tokentally_rollup_state where id = 2") == 31);
        assertThat(rejected()).allSatisfy(each -> {
            assertThat(each.nextTry()).isNull();
            assertThat(each.reason()).isEqualTo("calls of its time were dropped (tokentally.retention.calls)");
        });

        recorder.rejected().tryAllNow(Instant.now());
        Recorders.await(() -> rejected().stream().allMatch(each -> each.tries() == 1 && each.nextTry() == null));
        assertThat(store.count("select too_old from tokentally_rollup_state where id = 2"))
                .isEqualTo(31);
        assertThat(store.count("select count(*) from llm_calls")).isEqualTo(1);
        assertThat(log.messages()).noneMatch(line -> line.contains("out of reach") || line.contains("it refuses each"));
    }

    @ParameterizedTest
    @DisplayName("are no longer tried if they were set aside earlier for another reason")
    @MethodSource("dev.tokentally.persistence.RealStores#kinds")
    void refusedBefore(String kind) throws Exception {
        RealStores store = RealStores.of(kind);
        store.execute("alter table llm_calls add constraint no_poison check (tenant_id <> 'poison')");
        recorder = Recorders.of(store.repository(), Map.of());
        recorder.open(new SpoolOptions(directory, 16 << 20, false));
        recorder.start(Recorders::daemon);
        recorder.record(Calls.ok("poison", KEPT_FROM.minusSeconds(1)));
        recorder.record(Calls.ok("acme", KEPT_FROM));
        Recorders.await(() -> rejected().size() == 1);

        store.execute("update tokentally_rollup_state set kept_from = '2026-08-01 00:00:00+00'");
        store.nodes().retention();

        Recorders.await(() -> rejected().get(0).nextTry() == null);
        assertThat(rejected().get(0).reason()).contains("tokentally.retention.calls");
        Recorders.await(() -> store.count("select too_old from tokentally_rollup_state where id = 2") == 1);
    }

    private List<Rejected> rejected() {
        try {
            return recorder.rejected().list(null, 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
