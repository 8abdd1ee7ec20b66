package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    @DisplayName("is never shared: a second spool has one of its own")
    void ownDirectories() throws IOException {
        assertThat(open().directory()).isEqualTo(directory().resolve("1"));
        assertThat(open().directory()).isEqualTo(directory().resolve("2"));
    }

    @Test
    @DisplayName("is free again once its spool is closed")
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
    @DisplayName("is free again when opening it ends in an error, as when memory is short")
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
    @DisplayName("is adopted with its records once its spool is gone, and not before")
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
    @DisplayName("that was adopted can be used anew")
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
    @DisplayName("is adopted with a record that was being written cut off")
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
    @DisplayName("is its owner's alone")
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
