package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Root may read every file, so a directory stands for a file that the server has no right to read. */
@DisplayName("An entry that cannot be read")
@Timeout(60)
class SpoolUnreadableTest {

    @TempDir
    Path directory;

    private final List<Spool> open = new ArrayList<>();
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording.spool");
    }

    @AfterEach
    void closeAll() throws IOException {
        log.close();
        for (Spool spool : open) {
            spool.close();
        }
    }

    @Test
    @DisplayName("stays where it is at the start, is named once, and keeps its number")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void atTheStart() throws IOException {
        List<CallRecord> calls = leave(3);
        Path folder = Files.createDirectories(segment(2));
        Path link = Files.createSymbolicLink(segment(7), Path.of("nowhere"));

        Spool spool = open();

        assertThat(errors()).hasSize(2);
        assertThat(errors().get(0)).startsWith(folder + " cannot be read").contains("restart the application");
        assertThat(errors().get(1)).startsWith(link + " cannot be read");
        calls.addAll(Spools.append(spool, 2));
        assertThat(segments(spool)).contains(segment(8));
        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
        spool.close();
        assertThat(Files.isDirectory(folder)).isTrue();
        assertThat(Files.isSymbolicLink(link)).isTrue();
    }

    @Test
    @DisplayName(
            "named like a file of refused records is put aside at the start, and refused records are kept all the same")
    void refused() throws IOException {
        for (String name : List.of("rejected.log", "rejected.new")) {
            Files.createDirectories(slot().resolve(name).resolve("mine"));
        }
        CallRecord call = Calls.ok("acme", Instant.EPOCH);

        Spool spool = open();

        assertThat(errors()).hasSize(2);
        assertThat(errors()).anyMatch(line -> line.startsWith(slot().resolve("rejected.log") + " cannot be read"));
        assertThat(errors()).anyMatch(line -> line.startsWith(slot().resolve("rejected.new") + " cannot be deleted"));
        spool.rejected().add(call, "not you", Instant.EPOCH);
        spool.close();
        assertThat(Spools.all(open().rejected())).extracting(Rejected::call).containsExactly(call);
        assertThat(Spools.files(slot(), ".other"))
                .hasSize(2)
                .allMatch(aside -> Files.isDirectory(aside.resolve("mine")));
    }

    @Test
    @DisplayName("of another deployment stays there, is named once, and the other files are taken over")
    void ofAnotherDeployment() throws IOException {
        Spool first = open();
        Spool second = open();
        List<CallRecord> calls = Spools.append(first, 10);
        first.close();
        Path folder = Files.createDirectories(segment(100));
        Path early = Files.createDirectories(Segment.path(slot(), 0));

        assertThat(second.adopt()).isEqualTo(10);
        assertThat(second.adopt()).isZero();

        assertThat(errors()).hasSize(2);
        assertThat(errors()).anyMatch(line -> line.startsWith(folder + " cannot be read"));
        assertThat(errors()).anyMatch(line -> line.startsWith(early + " cannot be read"));
        assertThat(Spools.drain(second, 20)).isEqualTo(calls);
        assertThat(Files.isDirectory(folder) && Files.isDirectory(early)).isTrue();
    }

    @Test
    @DisplayName("of another deployment forges no line of the log, whatever its directory is named")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void forged() throws IOException {
        Spool spool = open();
        Path forged = Files.createDirectories(spool.directory().resolveSibling("2\nERROR all records are lost"));
        Files.createDirectories(Segment.path(forged, 1));

        spool.adopt();

        assertThat(log.messages()).noneMatch(line -> line.contains("\n"));
    }

    @Test
    @DisplayName("of another deployment is taken over as soon as it can be read, without a restart")
    void readableLater() throws IOException {
        Spool first = open();
        Spool second = open();
        List<CallRecord> calls = Spools.append(first, 1);
        first.close();
        Path segment = Spools.files(slot(), ".spool").get(0);
        byte[] bytes = Files.readAllBytes(segment);
        Files.delete(segment);
        Files.createDirectory(segment);
        assertThat(second.adopt()).isZero();
        assertThat(second.adopt()).isZero();
        assertThat(errors()).hasSize(1);
        Files.delete(segment);
        Files.write(segment, bytes);

        assertThat(second.adopt()).isEqualTo(1);

        assertThat(Spools.drain(second, 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName("may be another deployment's whole directory: it is named once, and the others are taken over")
    void siblingDirectory() throws IOException {
        List<Spool> others = List.of(open(), open(), open());
        Spool last = open();
        List<CallRecord> calls = new ArrayList<>();
        for (Spool other : others) {
            calls.addAll(Spools.append(other, 1));
            other.close();
        }
        // The first and the last one cannot be locked, so one of them comes before the second one in any order.
        for (Spool other : List.of(others.get(0), others.get(2))) {
            Files.delete(other.directory().resolve("lock"));
            Files.createDirectory(other.directory().resolve("lock"));
        }

        assertThat(last.adopt()).isEqualTo(1);
        assertThat(last.adopt()).isZero();

        assertThat(errors()).hasSize(2).allMatch(line -> line.contains("cannot be taken over"));
        assertThat(Spools.drain(last, 10)).containsExactly(calls.get(1));
    }

    @Test
    @DisplayName("may be a directory in which a deployment would have its spool: the deployment takes the next one")
    void ownDirectory() throws IOException {
        Path file = Files.createFile(directory.resolve("1"));
        Files.createDirectories(directory.resolve("2").resolve("lock"));

        Spool spool = open();

        assertThat(spool.directory()).isEqualTo(directory.resolve("3"));
        assertThat(errors()).hasSize(2).allMatch(line -> line.contains("cannot be used"));
        assertThat(Files.isRegularFile(file)).isTrue();
    }

    @Test
    @DisplayName("does not keep a late record from the spool")
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void late() throws IOException {
        List<CallRecord> calls = leave(1);
        Files.createSymbolicLink(segment(2), Path.of("nowhere"));
        CallRecord late = Calls.ok("acme", Instant.EPOCH);

        Spool.appendLate(options(), late);

        calls.add(late);
        assertThat(Spools.drain(open(), 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName(
            "may be a segment that somebody deletes while the spool is open: the records behind it come all the same")
    void deletedWhileOpen() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 30);
        Path gone = segments(spool).get(0);
        Files.delete(gone);

        List<CallRecord> given = Spools.drain(spool, 10);

        assertThat(given).hasSizeBetween(20, 29).isEqualTo(calls.subList(30 - given.size(), 30));
        assertThat(spool.waiting()).isZero();
        assertThat(errors()).singleElement().asString().startsWith(gone + " cannot be read");
        assertThat(spool.damaged()).isZero();
    }

    @Test
    @DisplayName("may be a segment of an open spool that can be read again later: its records come then")
    void readableAgain() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 30);
        Path head = segments(spool).get(0);
        spool.done(spool.next(1).orElseThrow());
        Path away = Files.move(head, directory.resolve("away"));
        Files.createDirectory(head);
        List<CallRecord> given = Spools.drain(spool, 10);
        spool.adopt();
        assertThat(spool.next(1)).isEmpty();
        assertThat(spool.waiting()).isZero();
        Files.delete(head);
        Files.move(away, head);

        spool.adopt();

        assertThat(spool.waiting()).isEqualTo(29 - given.size());
        given.addAll(0, Spools.drain(spool, 10));
        assertThat(given).isEqualTo(calls.subList(1, 30));
        assertThat(errors()).hasSize(1);
        assertThat(segments(spool)).hasSize(1);
    }

    @Test
    @DisplayName("does not disappear while the spool is open, and the next start reads it if it can")
    void readableAtTheNextStart() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 30);
        Path head = segments(spool).get(0);
        Path away = Files.move(head, directory.resolve("away"));
        Files.createDirectory(head);
        List<CallRecord> given = Spools.drain(spool, 10);
        spool.close();
        assertThat(Files.isDirectory(head)).isTrue();
        Files.delete(head);
        Files.move(away, head);

        given.addAll(0, Spools.drain(open(), 10));

        assertThat(given).isEqualTo(calls);
    }

    @Test
    @DisplayName("may be the segment to which records are appended: new ones go to another, and none is lost silently")
    void activeDeleted() throws IOException {
        Spool spool = open();
        Spools.append(spool, 1);
        Files.delete(segments(spool).get(0));

        assertThat(spool.next(10)).isEmpty();

        assertThat(errors()).hasSize(1);
        assertThat(spool.waiting()).isZero();
        List<CallRecord> calls = Spools.append(spool, 2);
        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
    }

    @Test
    @DisplayName("may be a segment behind the refused records: the records behind it are found all the same")
    void behind() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 30);
        Batch first = spool.next(500).orElseThrow();
        Files.delete(segments(spool).get(1));

        Optional<Batch> behind = spool.behind(first, 500);

        assertThat(behind).isPresent();
        assertThat(calls.subList(first.records().size() + 1, 30))
                .containsAll(behind.get().records());
        spool.done(first);
        assertThat(spool.next(500)).contains(behind.get());
    }

    @Test
    @DisplayName(
            "and cannot be deleted after its records were taken out holds up nothing, and the next start deletes it")
    void notDeleted() throws IOException {
        Spool spool = open();
        List<CallRecord> calls = Spools.append(spool, 30);
        Path head = segments(spool).get(0);
        Batch first = spool.next(500).orElseThrow();
        Files.delete(head);
        Files.createDirectories(head.resolve("mine"));

        spool.done(first);
        spool.done(first);

        assertThat(Spools.drain(spool, 10))
                .isEqualTo(calls.subList(first.records().size(), 30));
        assertThat(spool.waiting()).isZero();
    }

    @Test
    @DisplayName("and is far too large for a segment is not read, whatever it begins with")
    void huge() throws IOException {
        List<CallRecord> calls = leave(3);
        long size = 3L << 30;
        Path foreign = huge(segment(50), new byte[] {1, 2, 3}, size);
        Path ours = huge(segment(51), Segment.header(), size);
        Path refused = huge(slot().resolve("rejected.log"), new byte[] {1, 2, 3}, size);

        Spool spool = open();

        assertThat(Spools.drain(spool, 10)).isEqualTo(calls);
        assertThat(errors()).hasSize(3);
        assertThat(errors()).anyMatch(line -> line.startsWith(foreign + " is not a file of the spool"));
        assertThat(errors()).anyMatch(line -> line.startsWith(ours + " is larger than any file of the spool"));
        assertThat(errors()).anyMatch(line -> line.startsWith(refused + " was not written by this version"));
        assertThat(Files.size(foreign)).isEqualTo(size);
        assertThat(Files.size(ours)).isEqualTo(size);
    }

    @Test
    @DisplayName("and is far too large for a segment does not keep another deployment's records from being taken over")
    void hugeOfAnotherDeployment() throws IOException {
        Spool first = open();
        Spool second = open();
        List<CallRecord> calls = Spools.append(first, 3);
        first.close();
        huge(Segment.path(slot(), 0), new byte[] {1, 2, 3}, 3L << 30);
        huge(Segment.path(slot(), 999), Segment.header(), 3L << 30);

        assertThat(second.adopt()).isEqualTo(3);
        assertThat(second.adopt()).isZero();

        assertThat(Spools.drain(second, 10)).isEqualTo(calls);
        assertThat(errors()).hasSize(2);
    }

    private static Path huge(Path path, byte[] beginning, long size) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(beginning);
            file.setLength(size);
        }
        return path;
    }

    /** Leaves some records in the first directory. */
    private List<CallRecord> leave(int records) throws IOException {
        try (Spool spool = open()) {
            return Spools.append(spool, records);
        }
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

    private Path segment(long number) {
        return Segment.path(slot(), number);
    }

    private static List<Path> segments(Spool spool) throws IOException {
        return Spools.files(spool.directory(), ".spool");
    }

    private List<String> errors() {
        return log.lines().stream()
                .filter(line -> line.getLevel() == Level.SEVERE)
                .map(LogRecord::getMessage)
                .toList();
    }
}
