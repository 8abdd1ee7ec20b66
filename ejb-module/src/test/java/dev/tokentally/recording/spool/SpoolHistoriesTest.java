package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random lives of a spool, each of several processes that end in the middle of a write. */
@DisplayName("After thousands of random histories with crashes at any byte, the spool")
class SpoolHistoriesTest {

    private static final int HISTORIES = 3000;
    private static final int PROCESSES = 4;
    private static final int STEPS = 12;

    @TempDir
    Path root;

    @Test
    @DisplayName("has given each record that it took, none that it never saw, and none again that was taken out")
    void histories() throws IOException {
        Logger logger = Logger.getLogger(Spool.class.getName());
        logger.setLevel(Level.WARNING);
        for (int seed = 0; seed < HISTORIES; seed++) {
            new History(seed, root.resolve(Integer.toString(seed))).live();
        }
        logger.setLevel(null);
    }

    private static final class History {

        private final int seed;
        private final Random random;
        private final SpoolOptions options;
        private final Map<UUID, CallRecord> taken = new HashMap<>();
        private final Set<UUID> attempted = new HashSet<>();
        private final Set<UUID> done = new HashSet<>();
        private final Set<UUID> given = new HashSet<>();

        History(int seed, Path directory) {
            this.seed = seed;
            this.random = new Random(seed);
            this.options = new SpoolOptions(directory, 1 << 20, random.nextInt(20) == 0);
        }

        void live() throws IOException {
            for (int process = 0; process < PROCESSES; process++) {
                Spool spool = Spool.open(options, disk(), 600);
                try {
                    for (int step = 0; step < STEPS; step++) {
                        step(spool);
                    }
                    spool.close();
                } catch (BrittleDisk.Crash end) {
                    leave(spool);
                }
            }
            Spool last = Spool.open(options, SegmentFile::onDisk, 600);
            for (Optional<Batch> batch = last.next(5); batch.isPresent(); batch = last.next(5)) {
                batch.get().records().forEach(this::give);
                last.done(batch.get());
            }
            last.close();
            assertThat(given).as("seed " + seed).containsAll(taken.keySet());
            assertThat(attempted).as("seed " + seed).containsAll(given);
            assertThat(last.damaged()).as("seed " + seed).isZero();
        }

        private SegmentFile.Opener disk() {
            return random.nextInt(4) == 0 ? SegmentFile::onDisk : BrittleDisk.crashingAfter(random.nextInt(4000));
        }

        private void step(Spool spool) throws IOException {
            if (random.nextInt(3) > 0) {
                CallRecord call = Calls.ok("t".repeat(1 + random.nextInt(100)), Instant.EPOCH);
                attempted.add(call.id());
                spool.append(call);
                taken.put(call.id(), call);
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

        private void give(CallRecord call) {
            assertThat(done).as("seed " + seed).doesNotContain(call.id());
            assertThat(taken.getOrDefault(call.id(), call)).as("seed " + seed).isEqualTo(call);
            given.add(call.id());
        }

        /** The lock goes with the process; the files stay as they are. */
        private static void leave(Spool spool) throws IOException {
            try {
                spool.close();
            } catch (BrittleDisk.Crash stillDead) {
                // Nothing more is written.
            }
        }
    }
}
