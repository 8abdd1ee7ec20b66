package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A store that answers too late")
class SlowStoreTest {

    private static final int CALLERS = 8;

    @TempDir
    Path directory;

    private final ScriptedRepository repository = new ScriptedRepository();
    private final SpooledRecorder recorder = Recorders.of(repository, Map.of("tokentally.recording.max-wait", "100ms"));
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        repository.slow = null;
        recorder.stop();
        log.close();
    }

    @ParameterizedTest(name = "slow: {0}")
    @DisplayName(
            "costs the longest wait for each thread's first call and a few more, counts as one outage, and no record is lost")
    @ValueSource(strings = {"store|check", "store "})
    void slow(String what) throws InterruptedException {
        repository.slow = what;
        // This is several times the longest wait, even on a busy machine.
        repository.slowMillis = 400;
        recorder.open(directory);
        recorder.start(Recorders::daemon);
        AtomicInteger calls = new AtomicInteger();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        for (int i = 0; i < CALLERS; i++) {
            callers.execute(() -> {
                while (System.nanoTime() < end) {
                    CallRecord call = Calls.ok("acme", Instant.EPOCH);
                    recorder.record(call);
                    calls.incrementAndGet();
                    pause();
                }
            });
        }
        callers.shutdown();
        assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

        assertThat(repository.tries)
                .filteredOn(tried -> tried.startsWith("store "))
                .as("calls that waited")
                .hasSizeLessThanOrEqualTo(CALLERS + 4);
        assertThat(problems()).hasSize(1);
        repository.slow = null;
        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(repository.stored).hasSize(calls.get());
        Recorders.await(() -> recorder.status().circuit().equals("closed"));
        assertThat(recorder.status().dropped()).isZero();
    }

    @Test
    @DisplayName("counts as down until an answer is in time for a caller, however long ago the late answer was")
    void staysAway() {
        repository.slow = "store|check";
        repository.slowMillis = 400;
        recorder.open(directory);
        recorder.start(Recorders::daemon);
        recorder.record(Calls.ok("acme", Instant.EPOCH));
        long heldOff = System.nanoTime() + Circuit.HOLD_OFF.first().toNanos();
        Recorders.await(() -> System.nanoTime() > heldOff);
        int before = repository.tries.size();

        Recorders.await(() -> repository.tries.size() >= before + 3);

        assertThat(recorder.status().circuit()).isEqualTo("open");
        repository.slow = null;
        Recorders.await(() -> recorder.status().circuit().equals("closed"));
    }

    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> problems() {
        return log.lines().stream()
                .filter(line -> line.getLevel().intValue() >= Level.WARNING.intValue())
                .map(line -> line.getMessage())
                .toList();
    }
}
