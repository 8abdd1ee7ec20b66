package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A spool's directory")
class SpoolSharingTest {

    @TempDir
    Path folder;

    private final List<Spool> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws IOException {
        for (Spool spool : open) {
            spool.close();
        }
    }

    @Test
    @DisplayName("is never shared: a second spool gets its own")
    void ownDirectories() throws IOException {
        assertThat(open().directory()).isEqualTo(directory().resolve("1"));
        assertThat(open().directory()).isEqualTo(directory().resolve("2"));
    }

    @Test
    @DisplayName("is free again after its spool is closed")
    void free() throws IOException {
        open().close();

        assertThat(open().directory()).isEqualTo(directory().resolve("1"));
    }

    @Test
    @DisplayName("is free again even if somebody has removed it")
    void removed() throws IOException {
        Spool first = open();
        Files.delete(first.directory().resolve("lock"));
        Files.delete(first.directory());
        first.close();

        assertThat(open().directory()).isEqualTo(directory().resolve("1"));
    }

    @Test
    @DisplayName("is free again if opening it ends with an Error, such as lack of memory")
    void errorWhileOpening() throws IOException {
        Spool first = open();
        Spools.append(first, 1);
        first.close();
        Path segment = Spools.files(first.directory(), ".spool").get(0);
        byte[] whole = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(whole, whole.length - 1));
        SegmentFile.Opener dead = path -> {
            throw new BrittleDisk.Crash();
        };

        assertThatThrownBy(() -> Spool.open(options(), dead, 1000)).isInstanceOf(BrittleDisk.Crash.class);

        assertThat(open().directory()).isEqualTo(directory().resolve("1"));
    }

    @Test
    @DisplayName("is adopted with its records after its spool is gone, and not before")
    void adopted() throws IOException {
        Spool first = open();
        Spool second = open();
        List<CallRecord> left = Spools.append(first, 5);
        List<CallRecord> own = Spools.append(second, 2);
        assertThat(second.adopt()).isZero();
        assertThat(second.waiting()).isEqualTo(2);
        first.close();

        assertThat(second.adopt()).isEqualTo(5);

        assertThat(second.waiting()).isEqualTo(7);
        assertThat(second.adopt()).isZero();
        own.addAll(Spools.append(second, 1));
        assertThat(Spools.drain(second, 10))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(left.stream(), own.stream()).toList());
        assertThat(open().waiting()).isZero();
    }

    @Test
    @DisplayName("can be used again after it was adopted")
    void adoptedAndUsed() throws IOException {
        Spool first = open();
        Spool second = open();
        Spools.append(first, 5);
        first.done(first.next(2).orElseThrow());
        first.close();
        second.adopt();

        Spool third = open();
        List<CallRecord> calls = Spools.append(third, 3);
        third.close();

        assertThat(third.directory()).isEqualTo(first.directory());
        assertThat(Spools.drain(open(), 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName("is adopted without the records that its spool had taken out")
    void adoptedFromItsPosition() throws IOException {
        Spool first = open();
        Spool second = open();
        List<CallRecord> left = Spools.append(first, 20);
        first.done(first.next(2).orElseThrow());
        first.close();

        assertThat(second.adopt()).isEqualTo(18);

        assertThat(Spools.drain(second, 10)).isEqualTo(left.subList(2, 20));
        assertThat(second.waiting()).isZero();
    }

    @Test
    @DisplayName("is adopted if somebody has made it for the segments of a backup")
    void backup() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 20);
        Path backup = Files.createDirectories(directory().resolve("900"));
        for (Path segment : Spools.files(spool.directory(), ".spool")) {
            Files.copy(segment, backup.resolve(segment.getFileName()));
        }
        Spools.drain(spool, 10);

        assertThat(spool.adopt()).isEqualTo(20);

        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
        assertThat(Spools.files(backup, ".spool")).isEmpty();
    }

    @Test
    @DisplayName("is adopted without a record that was not written completely")
    void adoptedTorn() throws IOException {
        Spool first = open();
        Spool second = open();
        List<CallRecord> left = Spools.append(first, 3);
        first.close();
        Path segment = Spools.files(first.directory(), ".spool").get(0);
        byte[] whole = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(whole, whole.length - 1));

        assertThat(second.adopt()).isEqualTo(2);

        assertThat(Spools.drain(second, 10)).isEqualTo(left.subList(0, 2));
        assertThat(second.damaged()).isZero();
    }

    @Test
    @DisplayName("is adopted step by step: half of the room stays free for new records, and nothing is lost")
    void adoptedByAndBy() throws IOException {
        SpoolOptions small = new SpoolOptions(directory(), 20_000, false);
        Spool first = Spool.open(options(), SegmentFile::onDisk, 1000);
        Spool second = Spool.open(small, SegmentFile::onDisk, 1000);
        open.add(second);
        List<CallRecord> expected = Spools.append(first, 300);
        first.close();
        expected.addAll(Spools.append(second, 1));
        List<CallRecord> drained = new ArrayList<>();
        int rounds = 0;

        while (second.adopt() > 0) {
            assertThat(size(second)).as("bytes").isLessThanOrEqualTo(10_000);
            expected.addAll(Spools.append(second, 3));
            drained.addAll(Spools.drain(second, 10));
            rounds++;
        }

        assertThat(rounds).isGreaterThanOrEqualTo(4);
        drained.addAll(Spools.drain(second, 10));
        assertThat(drained).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(Spools.files(first.directory(), ".spool")).isEmpty();
    }

    @Test
    @DisplayName("can be read for its adoption while records are appended")
    void adoptedBesideAppends() throws Exception {
        Spool first = open();
        Spools.append(first, 1);
        Path segment = Spools.files(first.directory(), ".spool").get(0);
        List<CallRecord> appended = new ArrayList<>();
        Spool[] second = new Spool[1];
        // Reading the file cuts off an unfinished record. At that moment another thread appends.
        SegmentFile.Opener opener = path -> {
            if (path.equals(segment)) {
                appended.addAll(appendOnAnotherThread(second[0]));
            }
            return SegmentFile.onDisk(path);
        };
        second[0] = Spool.open(options(), opener, 1000);
        open.add(second[0]);
        first.close();
        Files.write(segment, new byte[] {0, 0, 0}, StandardOpenOption.APPEND);

        assertThat(second[0].adopt()).isEqualTo(1);

        assertThat(appended).hasSize(1);
    }

    private static List<CallRecord> appendOnAnotherThread(Spool spool) {
        FutureTask<List<CallRecord>> append = new FutureTask<>(() -> Spools.append(spool, 1));
        Thread thread = new Thread(append);
        thread.setDaemon(true);
        thread.start();
        try {
            return append.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("an append waits for the adoption", e);
        }
    }

    @Test
    @DisplayName("takes a late record without reading any file, and returns all records at the next start")
    void late() throws IOException {
        Spool first = open();
        List<CallRecord> calls = Spools.append(first, 5);
        first.close();
        List<byte[]> before = new ArrayList<>();
        for (Path file : Spools.files(first.directory(), ".spool")) {
            // If the late call looked into the file, it would cut this off.
            Files.write(file, new byte[] {0, 0, 0}, StandardOpenOption.APPEND);
            before.add(Files.readAllBytes(file));
        }
        CallRecord late = Calls.ok("acme", Instant.EPOCH);

        Spool.appendLate(options(), late);

        List<Path> after = Spools.files(first.directory(), ".spool");
        assertThat(after).hasSize(before.size() + 1);
        for (int i = 0; i < before.size(); i++) {
            assertThat(Files.readAllBytes(after.get(i))).isEqualTo(before.get(i));
        }
        calls.add(late);
        assertThat(Spools.drain(open(), 10)).isEqualTo(calls);
        assertThatThrownBy(() -> Spool.appendLate(new SpoolOptions(directory(), 10, false), late))
                .isInstanceOf(SpoolFullException.class);
    }

    private static long size(Spool spool) throws IOException {
        long size = 0;
        for (Path file : Spools.files(spool.directory(), ".spool")) {
            size += Files.size(file);
        }
        return size;
    }

    @Test
    @DisplayName("belongs to its owner alone")
    void permissions() throws IOException {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        Spool spool = open();

        for (Path made : List.of(directory(), spool.directory())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    @DisplayName("cannot be below a file")
    void belowAFile() throws IOException {
        Files.createFile(directory());

        assertThatThrownBy(this::open).isInstanceOf(IOException.class);
    }

    private Spool open() throws IOException {
        Spool spool = Spool.open(options(), SegmentFile::onDisk, 1000);
        open.add(spool);
        return spool;
    }

    private SpoolOptions options() {
        return new SpoolOptions(directory(), 1 << 20, false);
    }

    private Path directory() {
        return folder.resolve("spool");
    }
}
