package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.BrokenLog;
import dev.tokentally.CapturedLog;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("When the server can make no thread,")
class NoThreadTest {

    @TempDir
    Path directory;

    private final ScriptedRepository repository = new ScriptedRepository();
    private final SpooledRecorder recorder = Recorders.of(repository, Map.of());
    private volatile boolean exhausted;
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally");
    }

    @AfterEach
    void stop() {
        recorder.stop();
        log.close();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("no record is lost, and all are stored as soon as it can make one")
    @EnumSource
    void calls(Shortage shortage) {
        recorder.open(directory);
        recorder.start(factory(shortage));
        exhausted = true;

        List<CallRecord> calls = record(5);

        assertThat(recorder.status().dropped()).isZero();
        exhausted = false;
        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(repository.stored).containsKeys(ids(calls));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "the application starts, its records wait in the spool, and they are stored after a later call gets a thread")
    @EnumSource
    void start(Shortage shortage) {
        exhausted = true;
        recorder.open(directory);
        recorder.start(factory(shortage));
        List<CallRecord> calls = record(5);
        assertThat(recorder.status().dropped()).isZero();
        assertThat(recorder.status().waiting()).isEqualTo(5);

        exhausted = false;

        Recorders.await(() -> {
            calls.addAll(record(1));
            return repository.stored.containsKey(calls.get(0).id());
        });
        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(repository.stored).containsKeys(ids(calls));
        assertThat(log.messages())
                .filteredOn(line -> line.contains("No thread"))
                .hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("the spool is still forced to the disk, also for the next record")
    @EnumSource
    void force(Shortage shortage) {
        recorder.open(new SpoolOptions(directory, 1 << 24, true));
        recorder.start(factory(shortage));
        exhausted = true;
        for (int i = 0; i < 5; i++) {
            recorder.recordWithoutWaiting(Calls.ok("acme", Instant.EPOCH));
            Recorders.await(() -> !recorder.isForceDue());
        }
        assertThat(recorder.status().dropped()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("no record is lost, even if the server's log throws when it is told of that")
    @EnumSource
    void logFails(Shortage shortage) {
        exhausted = true;
        try (BrokenLog broken = BrokenLog.of("dev.tokentally")) {
            recorder.open(directory);
            recorder.start(factory(shortage));
            record(2);

            assertThat(broken.lines()).isPositive();
        }
        assertThat(recorder.status().dropped()).isZero();
        assertThat(recorder.status().waiting()).isEqualTo(2);
    }

    private List<CallRecord> record(int count) {
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CallRecord call = Calls.ok("acme", Instant.EPOCH);
            recorder.record(call);
            calls.add(call);
        }
        return calls;
    }

    private static UUID[] ids(List<CallRecord> calls) {
        return calls.stream().map(CallRecord::id).toArray(UUID[]::new);
    }

    private ThreadFactory factory(Shortage shortage) {
        return task -> exhausted ? shortage.thread.get() : Recorders.daemon(task);
    }

    enum Shortage {
        THREAD_LIMIT(() -> {
            throw new OutOfMemoryError("unable to create native thread");
        }),
        /**
         * No machine has the memory for such a stack. Overriding start() would not be enough, because since Java 21 pools do
         * not call it.
         */
        THREAD_LIMIT_AT_ITS_START(() -> new Thread(null, () -> {}, "never started", 1L << 50)),
        FACTORY_SHUT_DOWN(() -> {
            throw new IllegalStateException("the managed thread factory is shut down");
        }),
        NULL(() -> null);

        private final Supplier<Thread> thread;

        Shortage(Supplier<Thread> thread) {
            this.thread = thread;
        }
    }
}
