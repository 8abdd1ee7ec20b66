package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The spool")
class SpoolTest {

    private static final int SMALL_SEGMENT = 1000;

    @TempDir
    Path directory;

    private final List<Spool> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws IOException {
        for (Spool spool : open) {
            spool.close();
        }
    }

    @Test
    @DisplayName("returns records in their order, repeats them until they are taken out, and then never again")
    void order() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 50);
        assertThat(spool.waiting()).isEqualTo(50);
        assertThat(spool.oldest()).contains(calls.get(0).startedAt());
        assertThat(spool.next(1).orElseThrow().records()).containsExactly(calls.get(0));
        assertThat(spool.next(1).orElseThrow().records()).containsExactly(calls.get(0));

        assertThat(Spools.drain(spool, 7)).isEqualTo(calls);

        assertThat(spool.next(7)).isEmpty();
        assertThat(spool.waiting()).isZero();
        assertThat(spool.oldest()).isEmpty();
    }

    @Test
    @DisplayName("deletes a segment whose records were taken out, and leaves no segment when it is closed empty")
    void deleted() throws IOException {
        Spool spool = open();
        Spools.append(spool, 50);
        assertThat(segments()).hasSizeGreaterThan(5);

        Spools.drain(spool, 10);

        assertThat(segments()).hasSize(1);
        spool.close();
        assertThat(segments()).isEmpty();
    }

    @Test
    @DisplayName("continues after a restart at the same place")
    void restart() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 20);
        spool.done(spool.next(3).orElseThrow());
        spool.close();

        Spool later = open();

        assertThat(later.waiting()).isEqualTo(17);
        calls.addAll(Spools.append(later, 5));
        assertThat(Spools.drain(later, 4)).isEqualTo(calls.subList(3, 25));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no position", "01234567890123456789"})
    @DisplayName("returns a segment's records again if its position is lost, and misses none")
    void lostPosition(String position) throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 3);
        spool.done(spool.next(2).orElseThrow());
        spool.close();
        Files.writeString(slot().resolve("position"), position);

        assertThat(Spools.drain(open(), 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName("does not trust a position inside a record, as a power cut may leave")
    void wrongPosition() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 3);
        spool.close();
        ByteBuffer position = ByteBuffer.allocate(20).putLong(1).putLong(Segment.HEADER_BYTES + 5);
        CRC32C crc = new CRC32C();
        crc.update(position.array(), 0, 16);
        Files.write(
                slot().resolve("position"),
                position.putInt((int) crc.getValue()).array());

        Spool later = open();

        assertThat(Spools.drain(later, 10)).isEqualTo(calls);
        assertThat(later.damaged()).isZero();
    }

    @Test
    @DisplayName("takes no more than its limit, and takes more after records were taken out")
    void limit() throws IOException {
        Spool spool = opened(SegmentFile::onDisk, new SpoolOptions(directory, 2000, false));
        List<CallRecord> calls = new ArrayList<>();
        assertThatThrownBy(() -> {
                    while (true) {
                        CallRecord call = Calls.ok("acme", Instant.EPOCH);
                        spool.append(call);
                        calls.add(call);
                    }
                })
                .isInstanceOf(SpoolFullException.class)
                .hasMessageContaining("2000 bytes");

        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
        Spools.append(spool, 1);
    }

    @Test
    @DisplayName("cuts off an incomplete last record, wherever its process ended, and returns all others")
    void tornTail() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 3);
        spool.close();
        Path segment = segments().get(0);
        byte[] whole = Files.readAllBytes(segment);
        int lastFrame = Frames.HEAD_BYTES + RecordCodec.encode(calls.get(2)).length;
        for (int end = whole.length - lastFrame; end < whole.length; end++) {
            Files.write(segment, Arrays.copyOf(whole, end));

            Spool later = open();

            assertThat(later.waiting()).as("cut at " + end).isEqualTo(2);
            assertThat(later.next(10).orElseThrow().records()).isEqualTo(calls.subList(0, 2));
            assertThat(later.next(10).orElseThrow().damaged()).isEmpty();
            later.close();
        }
    }

    @Test
    @DisplayName("cuts off zeros, which a power cut leaves instead of bytes")
    void zeros() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 2);
        spool.close();
        Path segment = segments().get(0);
        byte[] whole = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(whole, whole.length + 500));

        Spool later = open();

        calls.addAll(Spools.append(later, 1));
        assertThat(Spools.drain(later, 10)).isEqualTo(calls);
        assertThat(later.damaged()).isZero();
    }

    @Test
    @DisplayName("sets a damaged record aside, whichever byte of it is flipped, and returns all others")
    void flipped() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 4);
        spool.close();
        Path segment = segments().get(0);
        byte[] whole = Files.readAllBytes(segment);
        int frame = Frames.HEAD_BYTES + RecordCodec.encode(calls.get(0)).length;
        for (int damaged = 0; damaged < calls.size(); damaged++) {
            List<CallRecord> others = new ArrayList<>(calls);
            others.remove(damaged);
            for (int at = 0; at < frame; at++) {
                byte[] flipped = whole.clone();
                flipped[Segment.HEADER_BYTES + damaged * frame + at] ^= 0x10;
                Files.write(segment, flipped);
                Files.deleteIfExists(slot().resolve("position"));

                Spool later = open();
                List<CallRecord> given = Spools.drain(later, 10);

                assertThat(given).as("record " + damaged + " byte " + at).isEqualTo(others);
                assertThat(later.waiting()).isZero();
                // The damaged length of the very last record may look like that of an unfinished record.
                assertThat(later.damaged()).isBetween(damaged == 3 ? 0L : 1L, 1L);
                later.close();
            }
        }
        assertThat(damagedFiles()).isNotEmpty();
    }

    @Test
    @DisplayName("removes an empty segment, and leaves foreign files and files of another version unchanged")
    void foreign() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 1);
        spool.close();
        byte[] newer = Segment.header();
        newer[11] = 3;
        Path slot = slot();
        Files.createFile(slot.resolve("0000000000000000002.spool"));
        Files.write(slot.resolve("0000000000000000003.spool"), Arrays.copyOf(Segment.header(), 9));
        Files.writeString(slot.resolve("0000000000000000004.spool"), "something else");
        Files.write(slot.resolve("0000000000000000005.spool"), newer);
        Files.writeString(slot.resolve("notes.txt"), "mine");

        Spool later = open();
        calls.addAll(Spools.append(later, 20));

        assertThat(Spools.drain(later, 10)).isEqualTo(calls);
        later.close();
        assertThat(segments())
                .extracting(path -> path.getFileName().toString())
                .containsExactly("0000000000000000004.spool", "0000000000000000005.spool");
        assertThat(slot.resolve("notes.txt")).exists();
    }

    @ParameterizedTest(name = "truncates: {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName(
            "keeps all records that it has taken when the disk is full in the middle of a write, and goes on when there is room")
    void diskFull(boolean truncates) throws IOException {
        BrittleDisk disk = BrittleDisk.failingAfter(700);
        if (!truncates) {
            disk.failToTruncate();
        }
        Spool spool = opened(disk, new SpoolOptions(directory, 1 << 20, false));
        List<CallRecord> taken = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 10; i++) {
            if (i == 6) {
                disk.repair();
            }
            CallRecord call = Calls.ok("acme", Instant.EPOCH);
            try {
                spool.append(call);
                taken.add(call);
            } catch (IOException full) {
                refused++;
            }
        }

        assertThat(refused).isPositive();
        assertThat(taken).hasSizeGreaterThan(5);
        assertThat(Spools.drain(spool, 10)).isEqualTo(taken);
    }

    @Test
    @DisplayName("takes the record of an interrupted thread, which stays interrupted")
    void interrupted() throws IOException {
        Spool spool = open();
        Thread.currentThread().interrupt();
        List<CallRecord> calls = Spools.append(spool, 2);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName("reads a backlog of any length, and a damaged place in it")
    void longBacklog() throws IOException {
        Spool spool = Spool.open(new SpoolOptions(directory, 1 << 30, false));
        open.add(spool);
        List<CallRecord> calls = Spools.append(spool, 10_000);
        spool.close();
        Path segment = segments().get(0);
        byte[] bytes = Files.readAllBytes(segment);
        bytes[300_000] ^= 1;
        Files.write(segment, bytes);
        Spool later = Spool.open(new SpoolOptions(directory, 1 << 30, false));
        open.add(later);
        assertThat(later.waiting()).isEqualTo(9_999);

        List<CallRecord> given = Spools.drain(later, 500);

        assertThat(given).hasSize(9_999);
        calls.removeAll(new HashSet<>(given));
        assertThat(calls).hasSize(1);
        assertThat(later.damaged()).isEqualTo(1);
        assertThat(damagedFiles()).hasSize(1);
    }

    private Spool open() throws IOException {
        return opened(SegmentFile::onDisk, new SpoolOptions(directory, 1 << 20, false));
    }

    private Spool opened(SegmentFile.Opener disk, SpoolOptions options) throws IOException {
        Spool spool = Spool.open(options, disk, SMALL_SEGMENT);
        open.add(spool);
        return spool;
    }

    private Path slot() {
        return directory.resolve("1");
    }

    private List<Path> segments() throws IOException {
        return Spools.files(slot(), ".spool");
    }

    private List<Path> damagedFiles() throws IOException {
        return Spools.files(slot(), ".bin");
    }
}
