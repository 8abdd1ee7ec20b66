package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("What an earlier run left in the spool:")
class SpoolRecoveryTest {

    private static final int RECORDS = 4;

    @TempDir
    Path directory;

    private List<CallRecord> calls;
    private Path segment;
    private byte[] whole;
    private int frame;
    private Spool spool;

    @BeforeEach
    void leaveRecords() throws IOException {
        spool = open();
        calls = Spools.append(spool, RECORDS);
        spool.close();
        segment = Spools.files(slot(), ".spool").get(0);
        whole = Files.readAllBytes(segment);
        frame = (whole.length - Segment.HEADER_BYTES) / RECORDS;
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    @Test
    @DisplayName("after a torn last record the spool takes new records, wherever the tear is")
    void tornAndAppended() throws IOException {
        for (int end = whole.length - frame; end < whole.length; end++) {
            List<CallRecord> expected = new ArrayList<>(calls.subList(0, RECORDS - 1));
            leave(Arrays.copyOf(whole, end));
            spool = open();
            expected.addAll(Spools.append(spool, 1));
            spool.close();

            spool = open();
            assertThat(Spools.drain(spool, 10)).as("cut at " + end).isEqualTo(expected);
            assertThat(spool.damaged()).isZero();
            spool.close();
        }
    }

    @Test
    @DisplayName("a damaged record in the middle is set aside byte for byte and counted once, whichever bit is flipped")
    void damagedWithin() throws IOException {
        List<CallRecord> others = List.of(calls.get(0), calls.get(2), calls.get(3));
        int from = Segment.HEADER_BYTES + frame;
        for (int at = from; at < from + frame; at++) {
            byte[] damaged = flipped(at, 1 << at % 8);
            leave(damaged);
            spool = open();
            assertThat(spool.waiting()).isEqualTo(3);

            assertThat(Spools.drain(spool, 10)).as("byte " + at).isEqualTo(others);

            assertThat(spool.damaged()).isEqualTo(1);
            assertThat(damagedFiles()).hasSize(1);
            assertThat(damagedFiles().get(0)).hasBinaryContent(Arrays.copyOfRange(damaged, from, from + frame));
            spool.close();
            spool = open();
            assertThat(spool.next(1)).isEmpty();
            assertThat(spool.damaged()).isZero();
            spool.close();
        }
    }

    @Test
    @DisplayName("a damaged last record is set aside too, unless its length says that it was not written completely")
    void damagedAtTheEnd() throws IOException {
        int from = whole.length - frame;
        for (int at = from; at < whole.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = flipped(at, 1 << bit);
                leave(damaged);
                int size = Frames.sizeAt(damaged, from);
                spool = open();

                assertThat(Spools.drain(spool, 10))
                        .as("byte " + at + " bit " + bit)
                        .isEqualTo(calls.subList(0, RECORDS - 1));

                assertThat(spool.damaged()).as("byte " + at + " bit " + bit).isEqualTo(size > frame ? 0 : 1);
                assertThat(spool.waiting()).isZero();
                spool.close();
            }
        }
    }

    @Test
    @DisplayName("a segment with unused room at its end is complete")
    void zeros() throws IOException {
        for (int zeros : new int[] {1, 4, 11, 12, 4096}) {
            leave(Arrays.copyOf(whole, whole.length + zeros));
            spool = open();

            assertThat(Spools.drain(spool, 10)).as(zeros + " zeros").isEqualTo(calls);
            assertThat(spool.damaged()).isZero();
            spool.close();
        }
    }

    @Test
    @DisplayName("a segment without a whole header is removed")
    void noHeader() throws IOException {
        for (int length = 0; length < Segment.HEADER_BYTES; length++) {
            Path headless = Segment.path(slot(), 100);
            Files.write(headless, Arrays.copyOf(Segment.header(), length));
            spool = open();

            assertThat(headless).as(length + " bytes").doesNotExist();
            assertThat(spool.waiting()).isEqualTo(RECORDS);
            spool.close();
        }
        spool = open();
        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName(
            "a foreign file, or one of a newer version, stays unchanged, and the records before and after it are read")
    void leftAlone() throws IOException {
        byte[] newer = whole.clone();
        newer[11] = 3;
        byte[] foreign = "something else entirely".getBytes(StandardCharsets.US_ASCII);
        Path newerFile = Files.write(Segment.path(slot(), 2), newer);
        Path foreignFile = Files.write(Segment.path(slot(), 3), foreign);
        spool = open();
        calls.addAll(Spools.append(spool, 20));
        spool.close();

        spool = open();

        assertThat(spool.waiting()).isEqualTo(calls.size());
        assertThat(Spools.drain(spool, 3)).isEqualTo(calls);
        assertThat(spool.damaged()).isZero();
        assertThat(newerFile).hasBinaryContent(newer);
        assertThat(foreignFile).hasBinaryContent(foreign);
        // Our own records were taken out, so the position is behind the foreign files. It must not remove them.
        spool.close();
        spool = open();
        assertThat(newerFile).hasBinaryContent(newer);
        assertThat(foreignFile).hasBinaryContent(foreign);
    }

    @Test
    @DisplayName("a file that is not named like a segment is ignored, even if the name is similar")
    void otherNames() throws IOException {
        List<String> names = List.of(
                "notes.txt",
                "1.spool",
                "0000000000000000002.spool.bak",
                "000000000000000000x.spool",
                "9999999999999999999.spool");
        for (String name : names) {
            Files.writeString(slot().resolve(name), "mine");
        }
        spool = open();

        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);

        for (String name : names) {
            assertThat(slot().resolve(name)).hasContent("mine");
        }
    }

    @Test
    @DisplayName("records come again, and none is missing, if the position is old or gone")
    void stalePosition() throws IOException {
        Path position = slot().resolve("position");
        spool = open();
        spool.done(spool.next(1).orElseThrow());
        byte[] stale = Files.readAllBytes(position);
        spool.done(spool.next(2).orElseThrow());
        spool.close();

        Files.write(position, stale);
        spool = open();
        assertThat(spool.waiting()).isEqualTo(3);
        assertThat(spool.next(10).orElseThrow().records()).isEqualTo(calls.subList(1, RECORDS));
        spool.close();

        Files.delete(position);
        spool = open();
        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName("a segment with a smaller number than the position's is read again: somebody has put it back")
    void restored() throws IOException {
        byte[] backup = whole;
        spool = open();
        Spools.drain(spool, 10);
        List<CallRecord> newer = Spools.append(spool, 20);
        spool.done(spool.next(1).orElseThrow());
        spool.done(spool.next(1).orElseThrow());
        spool.close();
        assertThat(segment).doesNotExist();
        Files.write(segment, backup);

        spool = open();

        assertThat(spool.waiting()).isEqualTo(RECORDS + 18);
        List<CallRecord> expected = new ArrayList<>(calls);
        expected.addAll(newer.subList(2, 20));
        assertThat(Spools.drain(spool, 3)).isEqualTo(expected);
        assertThat(segment).doesNotExist();
        spool.close();
        spool = open();
        assertThat(spool.next(1)).isEmpty();
    }

    @Test
    @DisplayName("a segment that was taken out completely is not read again if the process ended before it was deleted")
    void notDeletedYet() throws IOException {
        spool = open();
        Spools.drain(spool, 10);
        spool.close();
        assertThat(segment).doesNotExist();
        Files.write(segment, whole);

        spool = open();

        assertThat(spool.waiting()).isZero();
        assertThat(spool.next(1)).isEmpty();
        assertThat(segment).doesNotExist();
    }

    @Test
    @DisplayName("damaged bytes are kept beside those of an earlier segment that had the same number")
    void damagedTwice() throws IOException {
        byte[] first = flipped(whole.length - 1, 1);
        byte[] second = flipped(whole.length - 2, 1);
        for (byte[] damaged : List.of(first, first, second)) {
            leaveAsTheOnlySegment(damaged);
            spool = open();
            assertThat(Spools.drain(spool, 10)).hasSize(RECORDS - 1);
            spool.close();
        }

        assertThat(damagedFiles()).hasSize(2);
        assertThat(damagedFiles().get(0))
                .hasBinaryContent(Arrays.copyOfRange(second, whole.length - frame, whole.length));
        assertThat(damagedFiles().get(1))
                .hasBinaryContent(Arrays.copyOfRange(first, whole.length - frame, whole.length));
    }

    private void leaveAsTheOnlySegment(byte[] bytes) throws IOException {
        Files.deleteIfExists(slot().resolve("position"));
        Files.write(segment, bytes);
    }

    @Test
    @DisplayName("a torn last record that cannot be cut off keeps no other record from being read")
    void notCutOff() throws IOException {
        leave(Arrays.copyOf(whole, whole.length - 1));
        spool = Spool.open(
                new SpoolOptions(directory, 1 << 20, false),
                path -> {
                    throw new IOException("Permission denied");
                },
                1000);

        assertThat(Spools.drain(spool, 10)).isEqualTo(calls.subList(0, RECORDS - 1));
    }

    @Test
    @DisplayName("a complete frame that is not a record is set aside, and does not count as waiting")
    void wholeButNoRecord() throws IOException {
        Files.write(segment, Frames.frame(new byte[] {1, 2, 3}), StandardOpenOption.APPEND);
        spool = open();

        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);

        assertThat(spool.damaged()).isEqualTo(1);
        assertThat(spool.waiting()).isZero();
    }

    @Test
    @DisplayName("a record that is damaged while the spool is open does not count as waiting")
    void damagedWhileOpen() throws IOException {
        spool = open();
        Files.write(segment, flipped(whole.length - 1, 1));

        assertThat(Spools.drain(spool, 10)).isEqualTo(calls.subList(0, RECORDS - 1));

        assertThat(spool.damaged()).isEqualTo(1);
        assertThat(spool.waiting()).isZero();
        calls = Spools.append(spool, 2);
        assertThat(spool.waiting()).isEqualTo(2);
        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
    }

    /** Leaves these bytes as the only segment. */
    private void leave(byte[] bytes) throws IOException {
        for (Path file : Spools.files(slot(), "")) {
            Files.delete(file);
        }
        Files.write(segment, bytes);
    }

    private byte[] flipped(int at, int bits) {
        byte[] bytes = whole.clone();
        bytes[at] ^= (byte) bits;
        return bytes;
    }

    private Spool open() throws IOException {
        return Spool.open(new SpoolOptions(directory, 1 << 20, false), SegmentFile::onDisk, 1000);
    }

    private Path slot() {
        return directory.resolve("1");
    }

    private List<Path> damagedFiles() throws IOException {
        return Spools.files(slot(), ".bin");
    }
}
