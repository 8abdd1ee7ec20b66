package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A spool on a disk that fails")
class SpoolDiskTest {

    private static final int APPENDS = 20;
    private static final int ONE_PAGE = 4096;

    @TempDir
    Path directory;

    private final List<CallRecord> taken = new ArrayList<>();
    private int refused;

    @ParameterizedTest(name = "truncates: {0}, power: {1}")
    @CsvSource({"true, false", "false, false", "true, true", "false, true"})
    @DisplayName(
            "keeps exactly the records that it has taken, wherever the disk fails, and takes more after the repair")
    void anywhere(boolean truncates, boolean power) throws IOException {
        for (int bytes = 0; bytes < 700; bytes += 7) {
            BrittleDisk disk = BrittleDisk.failingAfter(bytes);
            if (!truncates) {
                disk.failToTruncate();
            }
            Path place = directory.resolve(Integer.toString(bytes));
            taken.clear();
            refused = 0;
            List<CallRecord> given = new ArrayList<>();
            try (Spool spool = Spool.open(new SpoolOptions(place, 1 << 20, power), disk, 500)) {
                appendSome(spool);
                assertThat(refused).as("after " + bytes).isPositive();
                disk.repair();
                Spools.append(spool, 3).forEach(taken::add);
                given.addAll(spool.next(1).orElseThrow().records());
                spool.done(spool.next(1).orElseThrow());
            }
            try (Spool later = Spool.open(new SpoolOptions(place, 1 << 20, power), SegmentFile::onDisk, 500)) {
                given.addAll(Spools.drain(later, 10));
                assertThat(later.damaged()).as("after " + bytes).isZero();
            }

            assertThat(given).as("after " + bytes).isEqualTo(taken);
        }
    }

    @Test
    @DisplayName("has each record on the disk when its append returns, if it is to survive a power cut")
    void powerCut() throws IOException {
        PowerCutDisk disk = new PowerCutDisk();
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 20, true), disk, 500)) {
            for (int i = 0; i < APPENDS; i++) {
                spool.append(call());
                for (Path segment : Spools.files(spool.directory(), ".spool")) {
                    assertThat(disk.wouldKeep(segment)).as("record " + i).isTrue();
                }
            }
        }
    }

    @Test
    @DisplayName("counts damaged bytes once, however often it tries to keep them")
    void damagedBytesWithoutRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory);
                Spool spool = Spool.open(new SpoolOptions(directory, 1 << 20, false));
                CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
            Spools.append(spool, 3);
            Path segment = Spools.files(spool.directory(), ".spool").get(0);
            byte[] bytes = Files.readAllBytes(segment);
            int frame = (bytes.length - Segment.HEADER_BYTES) / 3;
            bytes[Segment.HEADER_BYTES + frame / 2] ^= 1;
            bytes[Segment.HEADER_BYTES + 2 * frame + frame / 2] ^= 1;
            Files.write(segment, bytes);
            // There is room for one of the two files.
            Path other = disk.fill(ONE_PAGE);
            Batch batch = spool.next(10).orElseThrow();

            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> spool.done(batch)).isInstanceOf(IOException.class);
            }
            assertThat(Spools.files(spool.directory(), ".bin")).hasSize(1);
            Files.delete(other);
            spool.done(batch);

            assertThat(spool.damaged()).isEqualTo(2);
            assertThat(Spools.files(spool.directory(), ".bin")).hasSize(2);
            assertThat(log.lines()).hasSize(2);
        }
    }

    @Test
    @DisplayName("refuses records while it can open no segment, and takes records when it can")
    void openFails() throws IOException {
        boolean[] well = {false};
        SegmentFile.Opener disk = path -> {
            if (!well[0]) {
                throw new IOException("open");
            }
            return SegmentFile.onDisk(path);
        };
        try (Spool spool = Spool.open(options(), disk, 500)) {
            assertThatThrownBy(() -> spool.append(call())).isInstanceOf(IOException.class);
            assertThat(spool.waiting()).isZero();
            assertThat(spool.next(1)).isEmpty();
            well[0] = true;
            taken.addAll(Spools.append(spool, 2));
            // The disk refuses the next segment, but gives the records of the first one.
            well[0] = false;
            appendSome(spool);
            well[0] = true;
            taken.addAll(Spools.append(spool, 2));

            assertThat(refused).isPositive();
            assertThat(Spools.drain(spool, 10)).isEqualTo(taken);
            assertThat(spool.waiting()).isZero();
        }
    }

    @Test
    @DisplayName(
            "writes nothing behind the remains of a segment that it could not begin, even if it cannot remove them")
    void headerFails() throws IOException {
        BadBeginning disk = new BadBeginning();
        try (Spool spool = Spool.open(options(), disk, 500)) {
            assertThatThrownBy(() -> spool.append(call())).isInstanceOf(IOException.class);
            disk.well = true;
            taken.addAll(Spools.append(spool, 5));

            assertThat(Spools.drain(spool, 10)).isEqualTo(taken);
            assertThat(spool.damaged()).isZero();
        }
        try (Spool later = Spool.open(options(), SegmentFile::onDisk, 500)) {
            assertThat(later.next(1)).isEmpty();
            assertThat(later.damaged()).isZero();
        }
    }

    private void appendSome(Spool spool) {
        for (int i = 0; i < APPENDS; i++) {
            CallRecord call = call();
            try {
                spool.append(call);
                taken.add(call);
            } catch (IOException failed) {
                refused++;
            }
        }
    }

    private SpoolOptions options() {
        return new SpoolOptions(directory, 1 << 20, false);
    }

    private static CallRecord call() {
        return Calls.ok("acme", Instant.EPOCH);
    }

    /** Writes half of a segment's header, and then fails at everything, also at closing. */
    static final class BadBeginning implements SegmentFile.Opener {

        boolean well;

        @Override
        public SegmentFile open(Path path) throws IOException {
            SegmentFile file = SegmentFile.onDisk(path);
            if (well) {
                return file;
            }
            return new SegmentFile() {

                @Override
                public void append(byte[] bytes) throws IOException {
                    file.append(Arrays.copyOf(bytes, bytes.length / 2));
                    throw new IOException("append");
                }

                @Override
                public void truncate(long length) throws IOException {
                    throw new IOException("truncate");
                }

                @Override
                public void force() throws IOException {
                    throw new IOException("force");
                }

                @Override
                public void close() throws IOException {
                    file.close();
                    throw new IOException("close");
                }
            };
        }
    }
}
