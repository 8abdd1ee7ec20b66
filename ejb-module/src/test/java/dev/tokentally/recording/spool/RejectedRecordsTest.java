package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.logging.Level;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Records that are set aside")
class RejectedRecordsTest {

    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00.123456Z");
    private static final long ROOM = 1 << 20;

    @TempDir
    Path directory;

    @Test
    @DisplayName("are the same after a restart, with their number of tries and the time of the next try")
    void restart() throws IOException {
        CallRecord first = Calls.metered("acme", NOW);
        CallRecord second = Calls.failed("O'Reilly 🦊", NOW);
        List<Rejected> before;
        try (RejectedRecords records = open(ROOM)) {
            records.add(first, "not you", NOW);
            records.add(second, "nor you", NOW);
            records.refusedAgain(records.due(NOW.plusSeconds(2), 1).get(0), "never", NOW.plusSeconds(2));
            records.add(Calls.ok("acme", NOW), "gone", NOW);
            records.stored(Spools.all(records).get(2).call().id());
            before = Spools.all(records);
        }

        try (RejectedRecords records = open(ROOM)) {
            assertThat(Spools.all(records)).isEqualTo(before);
            assertThat(before).extracting(Rejected::call).containsExactly(first, second);
            assertThat(before).extracting(Rejected::reason).containsExactly("never", "nor you");
            assertThat(before).extracting(Rejected::tries).containsExactly(1, 0);
            assertThat(before)
                    .extracting(Rejected::nextTry)
                    .containsExactly(NOW.plusSeconds(2 + 4), NOW.plusSeconds(2));
        }
    }

    @Test
    @DisplayName("are tried with growing pauses of up to an hour, for a day, and after that only on demand")
    void pauses() throws IOException {
        try (RejectedRecords records = open(ROOM)) {
            records.add(Calls.ok("acme", NOW), "not you", NOW);
            List<Duration> pauses = new ArrayList<>();
            Instant last = NOW;
            while (Spools.all(records).get(0).nextTry() != null) {
                Instant next = Spools.all(records).get(0).nextTry();
                assertThat(records.due(next.minusMillis(1), 10)).isEmpty();
                pauses.add(Duration.between(last, next));
                records.refusedAgain(records.due(next, 10).get(0), "not you", next);
                last = next;
            }

            assertThat(pauses).isSorted().startsWith(Duration.ofSeconds(2), Duration.ofSeconds(4));
            assertThat(pauses).endsWith(Duration.ofHours(1), Duration.ofHours(1));
            assertThat(last).isBetween(NOW.plus(Duration.ofHours(22)), NOW.plus(Duration.ofHours(24)));
            assertThat(records.due(last.plus(Duration.ofDays(30)), 10)).isEmpty();
            records.tryAllNow(last);
            assertThat(records.due(last, 10)).hasSize(1);
            records.refusedAgain(records.due(last, 10).get(0), "not you", last.plus(Duration.ofDays(1)));
            assertThat(Spools.all(records).get(0).nextTry()).isNull();
        }
    }

    @Test
    @DisplayName("are tried even if the clock was put back by years")
    void clock() throws IOException {
        try (RejectedRecords records = open(ROOM)) {
            records.add(Calls.ok("acme", NOW), "not you", NOW);

            assertThat(records.due(NOW.minus(Duration.ofDays(1000)), 10)).hasSize(1);
        }
    }

    @Test
    @DisplayName("never take more than their room: the oldest one is dropped, and the log says so")
    void limit() throws IOException {
        List<UUID> added = new ArrayList<>();
        List<UUID> dropped = new ArrayList<>();
        long room = 20_000;
        try (RejectedRecords records = open(room)) {
            for (int i = 0; i < 300; i++) {
                CallRecord call = Calls.ok("acme", NOW);
                added.add(call.id());
                records.add(call, "not you", NOW.plusSeconds(i))
                        .forEach(gone -> dropped.add(gone.call().id()));
                if (i % 3 == 0) {
                    records.refusedAgain(Spools.all(records).get(0), "not you", NOW);
                }
                assertThat(Files.size(directory.resolve(RejectedFile.NAME))).isLessThanOrEqualTo(room);
                assertThat(records.bytes()).isEqualTo(Files.size(directory.resolve(RejectedFile.NAME)));
            }
        }

        try (RejectedRecords records = open(room)) {
            assertThat(dropped).isEqualTo(added.subList(0, dropped.size())).hasSizeLessThan(290);
            assertThat(Spools.all(records))
                    .extracting(each -> each.call().id())
                    .isEqualTo(added.subList(dropped.size(), added.size()));
        }
    }

    @Test
    @DisplayName("are whole after the disk was full in the middle of a write, and all that it took are there")
    void fullDisk() throws IOException {
        for (int bytes = 0; bytes < 2500; bytes += 11) {
            for (boolean truncates : new boolean[] {true, false}) {
                Path place = Files.createDirectories(directory.resolve(bytes + "-" + truncates));
                BrittleDisk disk = BrittleDisk.failingAfter(bytes);
                if (!truncates) {
                    disk.failToTruncate();
                }
                List<CallRecord> calls = new ArrayList<>();
                try (RejectedRecords records = RejectedRecords.open(place, disk, ROOM)) {
                    for (int i = 0; i < 10; i++) {
                        calls.add(Calls.ok("acme", NOW));
                    }
                    List<CallRecord> refused = new ArrayList<>();
                    for (CallRecord call : calls) {
                        try {
                            records.add(call, "not you", NOW);
                        } catch (IOException full) {
                            refused.add(call);
                        }
                    }
                    assertThat(refused).isNotEmpty();
                    assertThat(records.count()).isEqualTo(calls.size() - refused.size());
                    disk.repair();
                    for (CallRecord call : refused) {
                        records.add(call, "not you", NOW);
                    }
                }
                try (RejectedRecords records = RejectedRecords.open(place, SegmentFile::onDisk, ROOM)) {
                    assertThat(Spools.all(records))
                            .extracting(Rejected::call)
                            .containsExactlyInAnyOrderElementsOf(calls);
                }
                assertThat(Spools.files(place, ".bin")).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @DisplayName("lose at most the one record whose write the killed process had begun")
    @ValueSource(ints = {1, 5, 11, 12, 100, 300})
    void torn(int cut) throws IOException {
        Path file = directory.resolve(RejectedFile.NAME);
        try (RejectedRecords records = open(ROOM)) {
            for (int i = 0; i < 3; i++) {
                records.add(Calls.ok("acme", NOW), "not you", NOW);
            }
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - cut));

        try (RejectedRecords records = open(ROOM)) {
            assertThat(records.count()).isEqualTo(2);
            records.add(Calls.ok("acme", NOW), "not you", NOW);
        }
        try (RejectedRecords records = open(ROOM)) {
            assertThat(records.count()).isEqualTo(3);
        }
        assertThat(Spools.files(directory, ".bin")).isEmpty();
    }

    @Test
    @DisplayName("are there except for damaged ones, whose bytes are kept, and a file of another version is kept too")
    void damaged() throws IOException {
        Path file = directory.resolve(RejectedFile.NAME);
        try (RejectedRecords records = open(ROOM)) {
            for (int i = 0; i < 3; i++) {
                records.add(Calls.ok("acme", NOW), "not you", NOW);
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        try (RejectedRecords records = open(ROOM)) {
            assertThat(records.count()).isEqualTo(2);
        }
        assertThat(Spools.files(directory, ".bin")).hasSize(1);

        Files.writeString(file, "something else, quite long", StandardOpenOption.TRUNCATE_EXISTING);
        try (RejectedRecords records = open(ROOM)) {
            records.add(Calls.ok("acme", NOW), "not you", NOW);
            assertThat(records.count()).isEqualTo(1);
        }
        assertThat(Spools.files(directory, ".other")).singleElement().satisfies(other -> assertThat(other)
                .hasContent("something else, quite long"));
    }

    @Test
    @DisplayName("are listed page by page, newest first")
    void pages() throws IOException {
        try (RejectedRecords records = open(ROOM)) {
            for (int i = 0; i < 25; i++) {
                records.add(Calls.ok("acme", NOW), "not you", NOW.plusSeconds(i / 3));
            }
            List<Rejected> all = new ArrayList<>();
            List<Rejected> page = records.list(null, 7);
            while (!page.isEmpty()) {
                all.addAll(page);
                Rejected last = page.get(page.size() - 1);
                page = records.list(Map.entry(last.rejectedAt(), last.call().id()), 7);
            }

            assertThat(all).hasSize(25).doesNotHaveDuplicates();
            assertThat(all).extracting(Rejected::rejectedAt).isSortedAccordingTo((a, b) -> b.compareTo(a));
        }
    }

    @Test
    @DisplayName("are taken over once from a deployment that is gone")
    void adopted() throws IOException {
        SpoolOptions options = new SpoolOptions(directory, 1 << 20, false);
        CallRecord call = Calls.ok("acme", NOW);
        Spool first = Spool.open(options);
        try (Spool second = Spool.open(options)) {
            first.rejected().add(call, "not you", NOW);
            first.close();
            second.rejected().add(call, "not you", NOW);

            second.adopt();
            second.adopt();

            assertThat(Spools.all(second.rejected())).extracting(Rejected::call).containsExactly(call);
            assertThat(Files.exists(directory.resolve("1").resolve(RejectedFile.NAME)))
                    .isFalse();
        }
    }

    @Test
    @DisplayName("stay where they are, unread, until there is room for all of them, and drop no other record")
    void adoptedWhenThereIsRoom() throws IOException {
        int frame = RejectedFile.frame(new Rejected(Calls.ok("acme", NOW), NOW, 0, NOW, NOW, "not you")).length;
        SpoolOptions roomFor80 = new SpoolOptions(directory, 20L * 80 * frame, false);
        Spool gone = Spool.open(roomFor80);
        try (Spool home = Spool.open(roomFor80)) {
            for (int i = 0; i < 40; i++) {
                gone.rejected().add(Calls.ok("acme", NOW), "not you", NOW);
            }
            for (int i = 0; i < 50; i++) {
                home.rejected().add(Calls.ok("acme", NOW), "not you", NOW);
            }
            gone.close();
            Path file = gone.directory().resolve(RejectedFile.NAME);

            home.adopt();

            assertThat(home.rejected().count()).isEqualTo(50);
            for (int i = 0; i < 10; i++) {
                assertThat(home.rejected().add(Calls.ok("acme", NOW), "not you", NOW))
                        .isEmpty();
            }
            damage(file, Segment.HEADER_BYTES + 100);
            home.adopt();
            assertThat(Spools.files(gone.directory(), ".bin")).isEmpty();
            damage(file, Segment.HEADER_BYTES + 100);

            for (UUID id : home.rejected().ids().subList(0, 40)) {
                home.rejected().stored(id);
            }
            home.adopt();
            assertThat(home.rejected().count()).isEqualTo(60);
            assertThat(file).doesNotExist();
        }
    }

    @Test
    @DisplayName("stay where they are if they need more room than there is at all, and the log says so once")
    void adoptedNever() throws IOException {
        Spool gone = Spool.open(new SpoolOptions(directory, ROOM, false));
        try (Spool home = Spool.open(new SpoolOptions(directory, 20_000, false));
                CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
            for (int i = 0; i < 10; i++) {
                gone.rejected().add(Calls.ok("acme", NOW), "not you", NOW);
            }
            gone.close();

            home.adopt();
            home.adopt();

            assertThat(home.rejected().count()).isZero();
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .contains("rejected.log", "tokentally.spool.max-bytes");
            assertThat(gone.directory().resolve(RejectedFile.NAME)).exists();
        }
    }

    @Test
    @DisplayName("count towards the spool's limit")
    void insideTheLimit() throws IOException {
        SpoolOptions options = new SpoolOptions(directory, 40_000, false);
        try (Spool spool = Spool.open(options)) {
            for (int i = 0; i < 5; i++) {
                spool.rejected().add(Calls.ok("acme", NOW), "not you", NOW);
            }
            assertThatThrownBy(() -> Spools.append(spool, 1000)).isInstanceOf(SpoolFullException.class);
            assertThat(Files.size(spool.directory().resolve(RejectedFile.NAME))
                            + Files.size(
                                    Spools.files(spool.directory(), ".spool").get(0)))
                    .isBetween(39_000L, 40_000L);
        }
    }

    @Test
    @DisplayName("are not written any more once the file is closed, since another deployment may have the directory")
    void closed() throws IOException {
        Path file = directory.resolve(RejectedFile.NAME);
        RejectedRecords records = open(ROOM);
        CallRecord kept = Calls.ok("acme", NOW);
        records.add(kept, "not you", NOW);
        Rejected due = records.due(NOW.plusSeconds(2), 1).get(0);
        records.close();
        byte[] bytes = Files.readAllBytes(file);

        assertThatThrownBy(() -> records.add(Calls.ok("acme", NOW), "not you", NOW))
                .isInstanceOf(SpoolClosedException.class);
        records.refusedAgain(due, "never", NOW.plusSeconds(2));
        records.stored(kept.id());
        assertThat(file).hasBinaryContent(bytes);

        Files.delete(file);
        assertThatThrownBy(() -> records.add(Calls.ok("acme", NOW), "not you", NOW))
                .isInstanceOf(SpoolClosedException.class);
        assertThat(file).doesNotExist();
    }

    @Test
    @DisplayName("are not read any more once the file is closed, and what another deployment has written is not damage")
    void closedAndWrittenAnew() throws IOException {
        Path file = directory.resolve(RejectedFile.NAME);
        RejectedRecords records = open(ROOM);
        records.add(Calls.ok("acme", NOW), "not you", NOW);
        records.close();
        Files.write(file, new byte[1000]);

        assertThatThrownBy(() -> records.due(NOW.plusSeconds(2), 1)).isInstanceOf(SpoolClosedException.class);
        assertThatThrownBy(() -> records.list(null, 1)).isInstanceOf(SpoolClosedException.class);
        assertThat(records.hasChanged()).isFalse();
        assertThat(Spools.files(directory, ".bin")).isEmpty();
        assertThat(file).hasBinaryContent(new byte[1000]);
    }

    @Test
    @DisplayName(
            "are readable beside one that is damaged while the file is open; its bytes are kept, and the log says so once")
    void damagedWhileOpen() throws IOException {
        Path file = directory.resolve(RejectedFile.NAME);
        try (RejectedRecords records = open(ROOM);
                CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
            List<CallRecord> calls = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                calls.add(Calls.ok("acme", NOW));
                records.add(calls.get(i), "not you", NOW);
            }
            int frame = (Math.toIntExact(Files.size(file)) - Segment.HEADER_BYTES) / 5;
            damage(file, Segment.HEADER_BYTES + frame + frame / 2);
            calls.remove(1);

            assertThat(records.due(NOW.plusSeconds(2), 10))
                    .extracting(Rejected::call)
                    .isEqualTo(calls);

            assertThat(Spools.files(directory, ".bin")).singleElement().satisfies(kept -> assertThat(Files.size(kept))
                    .isEqualTo(frame));
            assertThat(log.lines()).singleElement().satisfies(line -> assertThat(line.getLevel())
                    .isEqualTo(Level.SEVERE));
            damage(file, Segment.HEADER_BYTES + 4 * frame + frame / 2);
            assertThat(records.list(null, 10)).hasSize(3);
            damage(file, Segment.HEADER_BYTES + 3 * frame + frame / 2);
            assertThat(records.changes(10)).hasSize(5).containsValue(null);
            assertThat(records.count()).isEqualTo(2);

            CallRecord later = Calls.ok("acme", NOW);
            records.add(later, "not you", NOW);
            assertThat(Spools.all(records))
                    .extracting(Rejected::call)
                    .containsExactly(calls.get(0), calls.get(1), later);
        }
        try (RejectedRecords records = open(ROOM)) {
            assertThat(records.count()).isEqualTo(3);
        }
        assertThat(Spools.files(directory, ".bin")).hasSize(3);
    }

    @Test
    @DisplayName("give way to new ones and are written anew although one of them is damaged")
    void damagedInTheWay() throws IOException {
        Path file = directory.resolve(RejectedFile.NAME);
        long room = 20_000;
        try (RejectedRecords records = open(room);
                CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
            for (int i = 0; i < 200; i++) {
                if (i % 20 == 19) {
                    damage(file, Segment.HEADER_BYTES + 100);
                }
                records.add(Calls.ok("acme", NOW), "not you", NOW);
                assertThat(Files.size(file)).isLessThanOrEqualTo(room);
            }
            assertThat(records.count()).isGreaterThan(10);
            assertThat(Spools.all(records)).hasSize(Math.toIntExact(records.count()));
            assertThat(log.lines()).isNotEmpty();
        }
    }

    @Test
    @DisplayName("are readable beside the last one if its length is damaged or its end is cut off; its bytes are kept")
    void damagedAtTheEnd() throws IOException {
        for (boolean isCut : new boolean[] {true, false}) {
            Path place = Files.createDirectories(directory.resolve("" + isCut));
            Path file = place.resolve(RejectedFile.NAME);
            CallRecord first = Calls.ok("acme", NOW);
            try (RejectedRecords records = RejectedRecords.open(place, SegmentFile::onDisk, ROOM);
                    CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
                records.add(first, "not you", NOW);
                int end = Math.toIntExact(Files.size(file));
                records.add(Calls.ok("acme", NOW), "not you", NOW);
                if (isCut) {
                    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), end + 50));
                } else {
                    damage(file, end + 6);
                }

                assertThat(records.list(null, 10)).extracting(Rejected::call).containsExactly(first);

                assertThat(log.lines()).hasSize(1);
                assertThat(Spools.files(place, ".bin")).singleElement().satisfies(kept -> assertThat(kept)
                        .hasBinaryContent(
                                Arrays.copyOfRange(Files.readAllBytes(file), end, Math.toIntExact(Files.size(file)))));
                records.add(Calls.ok("acme", NOW), "not you", NOW);
                assertThat(records.list(null, 10)).hasSize(2);
            }
        }
    }

    @Test
    @DisplayName("of which the last state is damaged have the state before")
    void damagedState() throws IOException {
        Path file = directory.resolve(RejectedFile.NAME);
        CallRecord call = Calls.ok("acme", NOW);
        try (RejectedRecords records = open(ROOM);
                CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
            records.add(call, "not you", NOW);
            records.refusedAgain(Spools.all(records).get(0), "never", NOW.plusSeconds(2));
            damage(file, Math.toIntExact(Files.size(file)) - 20);

            assertThat(Spools.all(records)).singleElement().satisfies(each -> {
                assertThat(each.call()).isEqualTo(call);
                assertThat(each.tries()).isZero();
            });
            assertThat(log.lines()).hasSize(1);
        }
    }

    @Test
    @DisplayName("are gone if somebody deletes their file, the log says so, and new ones are kept")
    void deletedWhileOpen() throws IOException {
        CallRecord later = Calls.ok("acme", NOW);
        try (RejectedRecords records = open(ROOM);
                CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
            records.add(Calls.ok("acme", NOW), "not you", NOW);
            Files.delete(directory.resolve(RejectedFile.NAME));

            assertThat(records.due(NOW.plusSeconds(2), 10)).isEmpty();

            assertThat(records.count()).isZero();
            assertThat(log.lines()).singleElement().satisfies(line -> assertThat(line.getLevel())
                    .isEqualTo(Level.SEVERE));
            records.add(later, "not you", NOW);
        }
        try (RejectedRecords records = open(ROOM)) {
            assertThat(Spools.all(records)).extracting(Rejected::call).containsExactly(later);
        }
    }

    @Test
    @DisplayName("are readable after the disk was full when a record was refused again, wherever in the file that was")
    void fullDiskWhenRefusedAgain() throws IOException {
        for (int bytes = 4_000; bytes < 10_000; bytes += 50) {
            Path place = Files.createDirectories(directory.resolve("" + bytes));
            BrittleDisk disk = BrittleDisk.failingAfter(bytes);
            try (RejectedRecords records = RejectedRecords.open(place, disk, 5_000)) {
                for (int i = 0; i < 5; i++) {
                    records.add(Calls.ok("acme", NOW), "not you", NOW);
                }
                for (int i = 0; i < 30; i++) {
                    records.refusedAgain(Spools.all(records).get(0), "never", NOW);
                }

                assertThat(Spools.all(records)).as("after " + bytes).hasSize(5);
                assertThat(Spools.all(records).get(0).tries()).isEqualTo(30);
            }
            assertThat(Spools.files(place, ".bin")).isEmpty();
        }
    }

    @Test
    @DisplayName("are the same at the next start, wherever the process was killed, also while it wrote the file anew")
    void killedAnywhere() throws IOException {
        for (int bytes = 0; bytes < 12_000; bytes += 43) {
            Path place = Files.createDirectories(directory.resolve("" + bytes));
            Deque<UUID> kept = new ArrayDeque<>();
            UUID inDoubt = null;
            try (RejectedRecords records = RejectedRecords.open(place, BrittleDisk.crashingAfter(bytes), 5_000)) {
                while (true) {
                    CallRecord call = Calls.ok("acme", NOW);
                    inDoubt = call.id();
                    assertThat(records.add(call, "not you", NOW)).isEmpty();
                    kept.add(call.id());
                    if (kept.size() > 4) {
                        inDoubt = kept.remove();
                        records.stored(inDoubt);
                    }
                }
            } catch (BrittleDisk.Crash killed) {
                // The next process finds what this one has left.
            }
            try (RejectedRecords records = RejectedRecords.open(place, SegmentFile::onDisk, 5_000)) {
                List<UUID> found = new ArrayList<>(records.ids());
                found.remove(inDoubt);
                assertThat(found).as("after " + bytes).containsExactlyElementsOf(kept);
                assertThat(Spools.all(records)).hasSameSizeAs(records.ids());
                records.add(Calls.ok("acme", NOW), "not you", NOW);
            }
            assertThat(Spools.files(place, ".bin")).isEmpty();
            assertThat(Spools.files(place, ".other")).isEmpty();
        }
    }

    @Test
    @DisplayName("are damaged twice at the same place: the bytes of both are kept")
    void damagedTwice() throws IOException {
        Path file = directory.resolve(RejectedFile.NAME);
        try (CapturedLog log = CapturedLog.of("dev.tokentally.recording.spool")) {
            for (int i = 0; i < 2; i++) {
                try (RejectedRecords records = open(ROOM)) {
                    records.add(Calls.ok("acme", NOW), "not you", NOW);
                }
                damage(file, Segment.HEADER_BYTES + 100);
                open(ROOM).close();
                Files.delete(file);
            }
            assertThat(log.lines()).hasSize(2);
        }
        assertThat(Spools.files(directory, ".bin")).hasSize(2);
    }

    @Test
    @DisplayName("fill no memory once they are stored, although nobody asks what has changed")
    void changesWithoutReader() throws IOException {
        try (RejectedRecords records = open(ROOM)) {
            CallRecord first = Calls.ok("acme", NOW);
            records.add(first, "not you", NOW);
            assertThat(records.changes(10)).hasSize(1);
            for (int i = 0; i < RejectedRecords.MAX_GONE + 500; i++) {
                CallRecord call = Calls.ok("acme", NOW);
                records.add(call, "not you", NOW);
                records.stored(call.id());
            }

            assertThat(records.beginsAgain()).isTrue();
            assertThat(records.beginsAgain()).isFalse();
            assertThat(records.changes(Integer.MAX_VALUE))
                    .containsKey(first.id())
                    .hasSizeLessThanOrEqualTo(RejectedRecords.MAX_GONE + 1);
        }
    }

    @Test
    @DisplayName("outlive a power cut once they are forced, also if their file is new or was just written anew")
    void powerCut() throws IOException {
        PowerCutDisk disk = new PowerCutDisk();
        Path file = directory.resolve(RejectedFile.NAME);
        try (RejectedRecords records = RejectedRecords.open(directory, disk, 20_000)) {
            for (int i = 0; i < 100; i++) {
                records.add(Calls.ok("acme", NOW), "not you", NOW);
                records.force();
                assertThat(disk.wouldKeep(file)).as("record " + i).isTrue();
            }
        }
    }

    @Test
    @DisplayName("outlive a power cut once they are forced, although a process that was killed had written them")
    void powerCutAfterAKill() throws IOException {
        PowerCutDisk disk = new PowerCutDisk();
        Path file = directory.resolve(RejectedFile.NAME);
        CallRecord call = Calls.ok("acme", NOW);
        try (RejectedRecords killed = RejectedRecords.open(directory, disk, ROOM)) {
            killed.add(call, "not you", NOW);
        }

        try (RejectedRecords records = RejectedRecords.open(directory, disk, ROOM)) {
            records.add(call, "not you", NOW);
            records.force();
            assertThat(disk.wouldKeep(file)).isTrue();
        }
    }

    @Test
    @DisplayName("outlive a power cut once they are forced, although a force failed before")
    void powerCutAfterAFailedForce() throws IOException {
        PowerCutDisk disk = new PowerCutDisk();
        Path file = directory.resolve(RejectedFile.NAME);
        try (RejectedRecords records = RejectedRecords.open(directory, disk, ROOM)) {
            records.add(Calls.ok("acme", NOW), "not you", NOW);
            records.force();
            CallRecord call = Calls.ok("acme", NOW);
            records.add(call, "not you", NOW);
            disk.failNextForce();
            assertThatThrownBy(records::force).isInstanceOf(IOException.class);

            records.add(call, "not you", NOW);
            records.force();

            assertThat(disk.wouldKeep(file)).isTrue();
            assertThat(Spools.all(records)).hasSize(2);
        }
    }

    @Test
    @DisplayName("can be read at the next start although the disk failed in the middle of the file's header")
    void headerFails() throws IOException {
        SpoolDiskTest.BadBeginning disk = new SpoolDiskTest.BadBeginning();
        CallRecord call = Calls.ok("acme", NOW);
        try (RejectedRecords records = RejectedRecords.open(directory, disk, ROOM)) {
            assertThatThrownBy(() -> records.add(call, "not you", NOW)).isInstanceOf(IOException.class);
            disk.well = true;
            records.add(call, "not you", NOW);
            records.force();
        }
        try (RejectedRecords records = open(ROOM)) {
            assertThat(Spools.all(records)).extracting(Rejected::call).containsExactly(call);
        }
    }

    @Test
    @DisplayName("are written anew only now and then, although their limit was lowered below what they need")
    void loweredLimit() throws IOException {
        int count = 200;
        try (RejectedRecords records = open(ROOM)) {
            for (int i = 0; i < count; i++) {
                records.add(Calls.ok("acme", NOW), "not you", NOW);
            }
        }
        int[] rewrites = {0};
        SegmentFile.Opener disk = path -> {
            rewrites[0] += path.endsWith("rejected.new") ? 1 : 0;
            return SegmentFile.onDisk(path);
        };
        try (RejectedRecords records = RejectedRecords.open(directory, disk, 20_000)) {
            for (UUID id : records.ids()) {
                records.stored(id);
            }
            assertThat(records.count()).isZero();
            assertThat(rewrites[0]).isLessThan(count / 10);
        }
    }

    private static void damage(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    private RejectedRecords open(long room) throws IOException {
        return RejectedRecords.open(directory, SegmentFile::onDisk, room);
    }
}
