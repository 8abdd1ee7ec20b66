package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@DisplayName("The spool of a killed process")
class SpoolKillTest {

    private static final int ENOUGH_CALLS = 500;

    @TempDir
    Path folder;

    @RepeatedTest(3)
    @DisplayName("returns every acknowledged record, once, to the process that opens it next")
    void reopened() throws IOException, InterruptedException {
        Process spooler = start();
        killOnceItHasSpooled(spooler);

        try (Spool spool = open()) {
            assertThat(spool.directory().getFileName()).hasToString("1");
            assertThat(ids(Spools.drain(spool, 100))).doesNotHaveDuplicates().containsAll(acknowledged());
            assertThat(spool.damaged()).isZero();
        }
    }

    @Test
    @DisplayName("stays with its process while that lives, and is adopted when it is dead")
    void adopted() throws IOException, InterruptedException {
        Process spooler = start();
        try {
            awaitCalls(spooler);
            try (Spool spool = open()) {
                assertThat(spool.directory().getFileName()).hasToString("2");
                assertThat(spool.adopt()).isZero();
                assertThat(spool.next(1)).isEmpty();
                // The refusal here must not have released the lock of the other process.
                assertThat(spool.adopt()).isZero();

                spooler.destroyForcibly().waitFor();
                List<String> acknowledged = acknowledged();

                assertThat(spool.adopt()).isGreaterThanOrEqualTo(acknowledged.size());
                assertThat(ids(Spools.drain(spool, 100)))
                        .doesNotHaveDuplicates()
                        .containsAll(acknowledged);
            }
        } finally {
            spooler.destroyForcibly().waitFor();
        }
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledSpooler.class.getName(),
                        directory().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(acknowledgements().toFile())
                .start();
    }

    private void killOnceItHasSpooled(Process spooler) throws IOException, InterruptedException {
        try {
            awaitCalls(spooler);
        } finally {
            spooler.destroyForcibly().waitFor();
        }
    }

    private void awaitCalls(Process spooler) throws IOException, InterruptedException {
        while (acknowledged().size() < ENOUGH_CALLS && spooler.isAlive()) {
            Thread.sleep(20);
        }
        assertThat(acknowledged()).hasSizeGreaterThanOrEqualTo(ENOUGH_CALLS);
    }

    /** The kill may cut off the last line: an id has 36 characters. */
    private List<String> acknowledged() throws IOException {
        return Files.readAllLines(acknowledgements()).stream()
                .filter(line -> line.length() == 36)
                .toList();
    }

    private Path directory() {
        return folder.resolve("spool");
    }

    private Path acknowledgements() {
        return folder.resolve("acknowledged");
    }

    private Spool open() throws IOException {
        SpoolOptions options = new SpoolOptions(directory(), 1 << 30, false);
        return Spool.open(options, SegmentFile::onDisk, KilledSpooler.SEGMENT);
    }

    private static List<String> ids(List<CallRecord> calls) {
        return calls.stream().map(call -> call.id().toString()).toList();
    }
}
