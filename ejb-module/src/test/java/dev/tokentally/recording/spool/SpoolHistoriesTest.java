package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random histories of a spool. Each has several processes, and most of them end in the middle of a write. */
@DisplayName("After thousands of random histories with crashes at any byte, the spool")
class SpoolHistoriesTest {

    private static final int HISTORIES = 1000;
    private static final int PROCESSES = 3;
    private static final int STEPS = 10;
    private static final int SEGMENT = 600;

    /** The field keeps the logger, which would otherwise lose its level. */
    private final Logger logger = Logger.getLogger(Spool.class.getName());

    @TempDir
    Path root;

    @BeforeEach
    void quieten() {
        logger.setLevel(Level.WARNING);
    }

    @AfterEach
    void tellAgain() {
        logger.setLevel(null);
    }

    @Test
    @DisplayName(
            "has returned each record that it took, no record that it never took, and none twice unless its position was lost")
    void histories() {
        // On each JDK there are other histories.
        int first = Runtime.version().feature() * HISTORIES;
        for (int seed = first; seed < first + HISTORIES; seed++) {
            try {
                new History(seed, root.resolve(Integer.toString(seed))).live();
            } catch (IOException | RuntimeException | AssertionError | BrittleDisk.Crash e) {
                throw new AssertionError("history of seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static final class History {

        private final Random random;
        private final SpoolOptions options;
        private final Map<UUID, CallRecord> attempted = new HashMap<>();
        private final Set<UUID> taken = new HashSet<>();
        private final Set<UUID> done = new HashSet<>();
        private final Set<UUID> given = new HashSet<>();

        History(int seed, Path directory) {
            this.random = new Random(seed);
            this.options = new SpoolOptions(directory, 1 << 20, random.nextInt(50) == 0);
        }

        void live() throws IOException {
            for (int process = 0; process < PROCESSES; process++) {
                loseThePositionNowAndThen();
                live(disk());
            }
            try (Spool last = Spool.open(options, SegmentFile::onDisk, SEGMENT)) {
                for (Optional<Batch> batch = last.next(5); batch.isPresent(); batch = last.next(5)) {
                    batch.get().records().forEach(this::give);
                    last.done(batch.get());
                }
                assertThat(last.damaged()).isZero();
                assertThat(last.waiting()).isZero();
            }
            assertThat(given).containsAll(taken);
        }

        private void live(SegmentFile.Opener disk) throws IOException {
            Spool spool;
            try {
                spool = Spool.open(options, disk, SEGMENT);
            } catch (BrittleDisk.Crash whileItRecovered) {
                return;
            }
            assertThat(spool.directory().getFileName()).hasToString("1");
            try {
                for (int step = 0; step < STEPS; step++) {
                    step(spool);
                }
                spool.close();
            } catch (BrittleDisk.Crash end) {
                leave(spool);
            }
            assertThat(spool.damaged()).isZero();
        }

        private SegmentFile.Opener disk() {
            if (random.nextInt(4) == 0) {
                return SegmentFile::onDisk;
            }
            BrittleDisk disk = BrittleDisk.crashingAfter(random.nextInt(4000));
            return random.nextBoolean() ? disk : disk.withHiccups(random);
        }

        private void loseThePositionNowAndThen() throws IOException {
            if (random.nextInt(8) == 0) {
                Files.deleteIfExists(options.directory().resolve("1").resolve("position"));
                done.clear();
            }
        }

        private void step(Spool spool) throws IOException {
            if (random.nextInt(3) > 0) {
                append(spool, Calls.ok("t".repeat(1 + random.nextInt(100)), Instant.EPOCH));
                return;
            }
            Optional<Batch> batch = spool.next(1 + random.nextInt(4));
            if (batch.isPresent()) {
                batch.get().records().forEach(this::give);
                if (random.nextBoolean()) {
                    spool.done(batch.get());
                    batch.get().records().forEach(call -> done.add(call.id()));
                }
            }
        }

        private void append(Spool spool, CallRecord call) {
            attempted.put(call.id(), call);
            try {
                spool.append(call);
                taken.add(call.id());
            } catch (IOException refused) {
                // The record may or may not be there later.
            }
        }

        private void give(CallRecord call) {
            assertThat(attempted.get(call.id())).isEqualTo(call);
            assertThat(done).doesNotContain(call.id());
            given.add(call.id());
        }

        /** The process releases the lock when it ends; the files stay unchanged. */
        private static void leave(Spool spool) throws IOException {
            try {
                spool.close();
            } catch (BrittleDisk.Crash stillDead) {
                // Nothing more is written.
            }
        }
    }
}
