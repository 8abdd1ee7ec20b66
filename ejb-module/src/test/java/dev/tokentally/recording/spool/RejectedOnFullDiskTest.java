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
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Records that are set aside on a full disk that has room again later")
class RejectedOnFullDiskTest {

    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00.123456Z");
    private static final int FREE_BYTES = 8 << 10;
    private static final int RECORDS = 40;

    @TempDir
    Path directory;

    private SmallDisk disk;

    @BeforeEach
    void mountADisk() throws Exception {
        disk = SmallDisk.mount(directory);
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    @DisplayName("are each refused by the disk or readable for good")
    void roomLater() throws Exception {
        Path other = disk.fill(FREE_BYTES);
        List<UUID> kept = new ArrayList<>();
        List<CallRecord> left = new ArrayList<>();
        try (RejectedRecords records = open()) {
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
            assertThat(records.ids()).containsExactlyElementsOf(kept);
            assertThat(Spools.all(records)).hasSameSizeAs(kept);

            Files.delete(other);
            for (CallRecord call : left) {
                records.add(call, "not you", NOW);
                kept.add(call.id());
            }
            records.force();
            assertThat(records.ids()).containsExactlyElementsOf(kept);
        }

        try (RejectedRecords records = open()) {
            assertThat(records.ids()).hasSize(RECORDS).containsExactlyElementsOf(kept);
            assertThat(Spools.all(records)).hasSize(RECORDS);
        }
    }

    @Test
    @DisplayName(
            "are readable at the start although one is damaged, whose bytes are kept before the file is written anew")
    void damaged() throws Exception {
        SpoolOptions options = new SpoolOptions(directory, 16 << 20, false);
        List<UUID> ids = new ArrayList<>();
        Path home;
        try (Spool spool = Spool.open(options)) {
            home = spool.directory();
            for (int i = 0; i < 10; i++) {
                CallRecord call = Calls.ok("acme", NOW);
                spool.rejected().add(call, "not you", NOW);
                ids.add(call.id());
            }
        }
        Path file = home.resolve(RejectedFile.NAME);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Path other = disk.fill(0);

        try (CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool");
                Spool spool = Spool.open(options)) {
            assertThat(ids).containsAll(spool.rejected().ids());
            assertThat(Spools.all(spool.rejected())).hasSize(9);
            assertThat(log.messages()).singleElement().asString().contains("cannot be kept", "No space left");
            CallRecord call = Calls.ok("acme", NOW);
            assertThatThrownBy(() -> spool.rejected().add(call, "not you", NOW)).isInstanceOf(IOException.class);
            assertThat(file).hasBinaryContent(bytes);

            Files.delete(other);
            spool.rejected().add(call, "not you", NOW);

            assertThat(Spools.all(spool.rejected())).hasSize(10);
            assertThat(Spools.files(home, ".bin")).hasSize(1);
        }
    }

    private RejectedRecords open() throws IOException {
        return RejectedRecords.open(directory, SegmentFile::onDisk, 1 << 20);
    }
}
