package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.persistence.RealStores;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.recording.spool.UnforcedSpools;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A record that is in the spool, but that the disk does not confirm")
@Timeout(60)
class UnforcedRecordsTest {

    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");

    @TempDir
    Path directory;

    private final CapturedLog log = CapturedLog.of("dev.tokentally.recording");
    private SpooledRecorder recorder;

    @AfterEach
    void stop() {
        recorder.stop();
        log.close();
    }

    @Test
    @DisplayName(
            "is stored once, and does not count as lost, if the drainer stores it while its caller waits for the disk")
    void storedMeanwhile() throws IOException {
        RealStores store = RealStores.of("H2");
        open(store.repository(), () -> Recorders.await(() -> store.count("select count(*) from llm_calls") == 1));
        recorder.start(Recorders::daemon);

        recorder.record(Calls.ok("acme", NOW));

        assertThat(store.count("select count(*) from llm_calls")).isEqualTo(1);
        assertThat(recorder.status().dropped()).isZero();
        assertThat(log.messages()).noneMatch(line -> line.contains("is not recorded"));
    }

    @Test
    @DisplayName("waits in the spool, and does not count as lost, while the store is away; the log says so once")
    void waits() throws IOException {
        ScriptedRepository repository = new ScriptedRepository();
        repository.down = new StoreUnavailableException("down", null);
        open(repository, () -> {});
        recorder.start(Recorders::daemon);

        recorder.record(Calls.ok("acme", NOW));
        recorder.record(Calls.ok("acme", NOW));

        assertThat(recorder.status().waiting()).isEqualTo(2);
        assertThat(recorder.status().dropped()).isZero();
        assertThat(log.messages())
                .filteredOn(line -> line.contains("power cut"))
                .hasSize(1);

        repository.down = null;
        Recorders.await(() -> repository.stored.size() == 2 && recorder.status().waiting() == 0);
    }

    private void open(UsageRepository repository, Runnable whileForcing) throws IOException {
        recorder = Recorders.of(
                repository,
                Map.of("tokentally.recording.mode", "write-behind", "tokentally.spool.durability", "power"));
        SpoolOptions options = new SpoolOptions(directory, 16 << 20, true);
        recorder.open(options, UnforcedSpools.open(options, whileForcing));
    }
}
