package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolClosedException;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.time.ManualTicker;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.logging.Level;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The adoption of what others have left")
class AdoptionTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private final ManualTicker ticker = ManualTicker.standing();

    @Test
    @DisplayName("goes on if the file of an earlier release cannot be read, which the log says once")
    void oldFile() throws IOException {
        Spool other = Spool.open(options());
        try (Spool spool = Spool.open(options());
                CapturedLog log = CapturedLog.of("dev.tokentally.recording")) {
            other.append(Calls.ok("acme", Instant.EPOCH));
            other.close();
            Path unreadable = Files.createDirectories(spool.directory().resolve("rejected.jsonl"));
            Adoption adoption = new Adoption(spool, Clock.systemUTC(), ticker);

            adoption.nowAndThen();
            ticker.advance(TEN_SECONDS);
            adoption.nowAndThen();

            assertThat(spool.waiting()).isEqualTo(1);
            assertThat(log.lines())
                    .filteredOn(line -> line.getLevel() == Level.SEVERE)
                    .singleElement()
                    .satisfies(line -> assertThat(line.getMessage()).contains(unreadable.toString(), "again"));

            Files.delete(unreadable);
            Files.writeString(unreadable, "not a record\n");
            ticker.advance(TEN_SECONDS);
            adoption.nowAndThen();
            assertThat(unreadable).doesNotExist();
        }
    }

    @Test
    @DisplayName(
            "takes over the file of an earlier release that a deployment has moved to its directory before it ended")
    void oldFileOfAnother() throws IOException {
        Path gone = Files.createDirectories(directory.resolve("2"));
        UUID id = UUID.randomUUID();
        UUID next = UUID.randomUUID();
        Files.writeString(gone.resolve("rejected.jsonl"), OldRejectedFileTest.LINE.formatted(id));
        try (Spool spool = Spool.open(options());
                CapturedLog log = CapturedLog.of("dev.tokentally.recording")) {
            Files.writeString(
                    spool.directory().resolve("rejected.jsonl"), OldRejectedFileTest.LINE.formatted(next) + "torn");
            Adoption adoption = new Adoption(spool, Clock.systemUTC(), ticker);

            adoption.nowAndThen();
            ticker.advance(TEN_SECONDS);
            adoption.nowAndThen();

            assertThat(spool.rejected().list(null, 10))
                    .extracting(each -> each.call().id())
                    .containsExactlyInAnyOrder(id, next);
            assertThat(gone.resolve("rejected.jsonl")).doesNotExist();
            assertThat(spool.directory().resolve("rejected.jsonl")).doesNotExist();
            assertThat(log.messages()).anyMatch(line -> line.startsWith("1 lines of rejected.jsonl are not records"));
        }
    }

    @Test
    @DisplayName("leaves the file of an earlier release in the directory of a deployment that runs")
    void oldFileOfARunningOne() throws IOException {
        try (Spool spool = Spool.open(options());
                Spool other = Spool.open(options())) {
            Path file = other.directory().resolve("rejected.jsonl");
            Files.writeString(file, OldRejectedFileTest.LINE.formatted(UUID.randomUUID()));

            new Adoption(spool, Clock.systemUTC(), ticker).nowAndThen();

            assertThat(file).exists();
        }
    }

    @Test
    @DisplayName("goes on behind a line with more brackets than a parser of JSON can count")
    void manyBrackets() throws IOException {
        String deep = "{\"id\":" + "[".repeat(100_000) + "\n";
        UUID id = UUID.randomUUID();
        Spool other = Spool.open(options());
        try (Spool spool = Spool.open(options());
                CapturedLog log = CapturedLog.of("dev.tokentally.recording")) {
            other.append(Calls.ok("acme", Instant.EPOCH));
            other.close();
            Files.writeString(directory.resolve("rejected.jsonl"), deep + OldRejectedFileTest.LINE.formatted(id));

            new Adoption(spool, Clock.systemUTC(), ticker).nowAndThen();

            assertThat(spool.rejected().list(null, 10))
                    .singleElement()
                    .satisfies(taken -> assertThat(taken.call().id()).isEqualTo(id));
            assertThat(spool.waiting()).isEqualTo(1);
            assertThat(spool.directory().resolve("rejected-unreadable.jsonl")).hasContent(deep);
            assertThat(log.messages()).anyMatch(line -> line.startsWith("1 lines of rejected.jsonl are not records"));
        }
    }

    @Test
    @DisplayName("reads a huge file without line ends in pieces, and keeps all of it")
    void hugeLine() throws IOException {
        String line = "x".repeat(5 << 20);
        try (Spool spool = Spool.open(options());
                CapturedLog log = CapturedLog.of("dev.tokentally.recording")) {
            Files.writeString(directory.resolve("rejected.jsonl"), line, StandardCharsets.US_ASCII);

            new Adoption(spool, Clock.systemUTC(), ticker).nowAndThen();

            assertThat(spool.directory().resolve("rejected-unreadable.jsonl")).hasContent(line);
            assertThat(log.messages()).singleElement().asString().matches("[2-9] lines of .*");
        }
    }

    @Test
    @DisplayName("ends without a line in the log when the spool is closed")
    void closed() throws IOException {
        Spool spool = Spool.open(options());
        Adoption adoption = new Adoption(spool, Clock.systemUTC(), ticker);
        Spool other = Spool.open(options());
        other.rejected().add(Calls.ok("acme", Instant.EPOCH), "not you", Instant.EPOCH);
        other.close();
        spool.close();
        try (CapturedLog log = CapturedLog.of("dev.tokentally.recording")) {

            assertThatThrownBy(adoption::nowAndThen).isInstanceOf(SpoolClosedException.class);

            assertThat(log.lines()).isEmpty();
            assertThat(other.directory().resolve("rejected.log")).exists();
            assertThat(spool.directory().resolve("rejected.log")).doesNotExist();
        }
    }

    private SpoolOptions options() {
        return new SpoolOptions(directory, 1 << 20, false);
    }
}
