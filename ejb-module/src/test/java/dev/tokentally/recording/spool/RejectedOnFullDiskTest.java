package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Records that are set aside on a full disk that has room again later")
class RejectedOnFullDiskTest {

    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00.123456Z");
    private static final int DISK_BYTES = 256 << 10;
    private static final int FREE_BYTES = 8 << 10;
    private static final int RECORDS = 40;

    @TempDir
    Path directory;

    private boolean isMounted;

    @BeforeEach
    void mountADisk() throws Exception {
        isMounted = ends("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "tmpfs", directory.toString());
        Assumptions.assumeTrue(isMounted, "This test makes a small file system, which only root on Linux may mount");
    }

    @AfterEach
    void unmount() throws Exception {
        if (isMounted) {
            assertThat(ends("umount", directory.toString())).isTrue();
        }
    }

    @Test
    @DisplayName("are each refused by the disk or readable for good")
    void roomLater() throws Exception {
        Path other = Files.write(directory.resolve("other"), new byte[DISK_BYTES - FREE_BYTES]);
        List<UUID> kept = new ArrayList<>();
        List<CallRecord> left = new ArrayList<>();
        try (RejectedRecords records = RejectedRecords.open(directory, SegmentFile::onDisk, 1 << 20)) {
            for (int i = 0; i < RECORDS; i++) {
                CallRecord call = Calls.ok("acme", NOW);
                try {
                    records.add(call, "not you", NOW);
                    kept.add(call.id());
                } catch (IOException full) {
                    left.add(call);
                }
            }
            assertThat(kept).isNotEmpty();
            assertThat(left).isNotEmpty();
            assertThat(ids(records)).containsExactlyElementsOf(kept);

            Files.delete(other);
            for (CallRecord call : left) {
                records.add(call, "not you", NOW);
                kept.add(call.id());
            }
            records.force();
            assertThat(ids(records)).containsExactlyElementsOf(kept);
        }

        try (RejectedRecords records = RejectedRecords.open(directory, SegmentFile::onDisk, 1 << 20)) {
            assertThat(ids(records)).hasSize(RECORDS).containsExactlyElementsOf(kept);
        }
    }

    private static List<UUID> ids(RejectedRecords records) throws IOException {
        return Spools.all(records).stream().map(rejected -> rejected.call().id()).toList();
    }

    private static boolean ends(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
