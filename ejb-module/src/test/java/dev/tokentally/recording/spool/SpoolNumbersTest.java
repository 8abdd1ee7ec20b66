package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A new segment")
class SpoolNumbersTest {

    @TempDir
    Path directory;

    private final List<Spool> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws IOException {
        for (Spool spool : open) {
            spool.close();
        }
    }

    @ParameterizedTest
    @DisplayName("gets a number that the next start recognizes, whatever other files are there")
    @ValueSource(
            strings = {
                "0099999999999999999.spool",
                "0100000000000000000.spool",
                "0999999999999999998.spool",
                "0999999999999999999.spool",
                "1000000000000000000.spool",
                "8999999999999999999.spool",
                "9223372036854775807.spool",
                "9999999999999999999.spool"
            })
    void recognized(String foreign) throws IOException {
        Files.createDirectories(slot());
        Path file = Files.writeString(slot().resolve(foreign), "something else");
        List<CallRecord> calls = new ArrayList<>();
        try (CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
            for (int start = 0; start < 3; start++) {
                try (Spool spool = open()) {
                    assertThat(spool.waiting()).isEqualTo(calls.size());
                    calls.addAll(Spools.append(spool, 10));
                }
            }
            try (Spool spool = open()) {
                assertThat(Spools.drain(spool, 7)).isEqualTo(calls);
            }
            assertThat(open().waiting()).isZero();
            assertThat(log.messages()).noneMatch(line -> line.contains("damaged"));
        }
        assertThat(file).hasContent("something else");
    }

    @Test
    @DisplayName("gets no name that is there already: a file that somebody has put there stays as it is")
    void noOtherFile() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 1);
        Path next = Files.writeString(Segment.path(slot(), 2), "something else");
        Path folder = Files.createDirectory(Segment.path(slot(), 3));
        calls.addAll(Spools.append(spool, 20));

        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);

        assertThat(next).hasContent("something else");
        assertThat(Files.isDirectory(folder)).isTrue();
    }

    @Test
    @DisplayName("does not end up behind records that somebody has put back, and those are read at the next start")
    void besideASegment() throws IOException {
        Spool spool = open();
        List<CallRecord> old = Spools.append(spool, 1);
        byte[] backup = Files.readAllBytes(Segment.path(slot(), 1));
        Spools.drain(spool, 10);
        spool.close();
        Spool later = open();
        Path restored = Files.write(Segment.path(slot(), 2), backup);
        List<CallRecord> calls = Spools.append(later, 1);

        assertThat(Spools.drain(later, 10)).isEqualTo(calls);

        assertThat(restored).hasBinaryContent(backup);
        later.close();
        assertThat(Spools.drain(open(), 10)).isEqualTo(old);
        assertThat(restored).doesNotExist();
    }

    @Test
    @DisplayName("of another deployment gets no name that is there already")
    void adopted() throws IOException {
        Spool first = open();
        Spool second = open();
        List<CallRecord> calls = Spools.append(first, 3);
        first.close();
        Path next = Files.writeString(Segment.path(second.directory(), 1), "something else");

        assertThat(second.adopt()).isEqualTo(3);

        assertThat(next).hasContent("something else");
        assertThat(Spools.drain(second, 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName("of a late record gets no name that is there already")
    void late() throws IOException {
        try (Spool spool = open()) {
            Spools.append(spool, 1);
        }
        Path foreign = Files.writeString(Segment.path(slot(), 8_999_999_999_999_999_999L), "something else");
        CallRecord late = Calls.ok("acme", Instant.EPOCH);

        Spool.appendLate(options(), late);

        assertThat(open().waiting()).isEqualTo(2);
        assertThat(foreign).hasContent("something else");
    }

    private Spool open() throws IOException {
        Spool spool = Spool.open(options(), SegmentFile::onDisk, 1000);
        open.add(spool);
        return spool;
    }

    private SpoolOptions options() {
        return new SpoolOptions(directory, 1 << 20, false);
    }

    private Path slot() {
        return directory.resolve("1");
    }
}
