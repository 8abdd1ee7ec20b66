package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.recording.spool.Batch;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.time.ManualTicker;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Records in the folder of another application")
class OtherApplicationsTest {

    private static final Duration WHILE = Duration.ofMinutes(OtherApplications.PAUSE_MINUTES);

    @TempDir
    Path root;

    private final ManualTicker ticker = ManualTicker.standing();
    private Path older;
    private Path newer;
    private OtherApplications others;
    private CapturedLog log;

    @BeforeEach
    void prepare() {
        older = root.resolve("shop-1.0.0");
        newer = root.resolve("shop-1.0.1");
        others = new OtherApplications(newer, ticker);
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        log.close();
    }

    @Test
    @DisplayName("that nobody stores are told of once, and what the line says to do gets them stored")
    void left() throws IOException {
        leave();

        others.nowAndThen();
        later();
        assertThat(warnings()).isEmpty();
        later();
        later();

        Path from = older.resolve("1");
        Path to = newer.resolve("shop-1.0.0-1");
        assertThat(warnings())
                .singleElement()
                .asString()
                .contains("Records wait in " + older + ",", " 1 refused records", from + " to " + to + ";");
        try (Spool spool = open(newer)) {
            assertThat(spool.adopt()).isZero();
            Files.move(from, to);
            assertThat(spool.adopt()).isEqualTo(3);
            assertThat(spool.waiting()).isEqualTo(3);
            assertThat(spool.rejected().count()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("are not told of if that application is deployed later, as after a restart of the server")
    void deployedLater() throws IOException {
        leave();

        later();
        try (Spool spool = open(older)) {
            spool.append(Calls.ok("acme", Instant.EPOCH));
            later();
            later();
        }
        later();

        assertThat(warnings()).isEmpty();
        later();
        assertThat(warnings()).hasSize(1);
    }

    @Test
    @DisplayName("are not told of while that application runs in another directory of the folder")
    void runsBeside() throws IOException {
        try (Spool running = open(older)) {
            leave();
            assertThat(running.directory()).isNotEqualTo(older.resolve("2"));

            later();
            later();
            running.append(Calls.ok("acme", Instant.EPOCH));
            later();
            later();

            assertThat(warnings()).isEmpty();
        }
        later();
        later();
        assertThat(warnings()).singleElement().asString().contains("stop the application with the old name");
    }

    @Test
    @DisplayName("are not told of if the store has all of them, although the process was killed and left their file")
    void killedWithoutWaiting() throws IOException {
        Files.createDirectories(older.resolve("1"));
        try (Spool spool = open(root.resolve("other"))) {
            spool.append(Calls.ok("acme", Instant.EPOCH));
            Batch batch = spool.next(10).orElseThrow();
            spool.done(batch);
            spool.rejected().add(Calls.ok("acme", Instant.EPOCH), "not you", Instant.now());
            spool.rejected().list(null, 1).forEach(each -> spool.rejected()
                    .stored(each.call().id()));
            copy(spool.directory(), older.resolve("1"));
        }
        assertThat(older.resolve("1").toFile().list()).contains("0000000000000000001.spool", "rejected.log");

        later();
        later();

        assertThat(warnings()).isEmpty();
    }

    @Test
    @DisplayName("are looked for by the heartbeat's thread")
    void heartbeat() throws IOException {
        leave();
        Settings settings = new Settings(new MapConfig(Map.of("tokentally.spool.directory", root.toString())));
        DeployedApplication application = new DeployedApplication() {
            @Override
            public String name() {
                return "shop-1.0.1";
            }
        };
        SpooledRecorder recorder = Recorders.of(new ScriptedRepository(), Map.of());
        recorder.open(newer);
        Heartbeat heartbeat = new Heartbeat(application, settings, null, recorder, Clock.systemUTC(), ticker);
        heartbeat.identify();

        for (int i = 0; i < 2; i++) {
            ticker.advance(WHILE);
            heartbeat.look(false);
        }

        assertThat(warnings())
                .filteredOn(line -> line.startsWith("Records wait in " + older + ","))
                .hasSize(1);
        recorder.stop();
    }

    /** Lets the time pass until the next look, and looks. */
    private void later() {
        ticker.advance(WHILE);
        others.nowAndThen();
    }

    private void leave() throws IOException {
        try (Spool spool = open(older)) {
            for (int i = 0; i < 3; i++) {
                spool.append(Calls.ok("acme", Instant.EPOCH));
            }
            spool.rejected().add(Calls.ok("acme", Instant.EPOCH), "not you", Instant.now());
        }
    }

    private static Spool open(Path folder) throws IOException {
        return Spool.open(new SpoolOptions(folder, 1 << 24, false));
    }

    private static void copy(Path from, Path to) throws IOException {
        for (String name : from.toFile().list()) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    private List<String> warnings() {
        return log.lines().stream()
                .filter(line -> line.getLevel().equals(Level.WARNING))
                .map(line -> line.getMessage())
                .toList();
    }
}
