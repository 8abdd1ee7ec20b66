package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The ids of records")
class RecordIdsTest {

    @Test
    @DisplayName("are UUIDv7 of now")
    void version() {
        UUID id = RecordIds.next();

        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        Instant made = Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
        assertThat(Duration.between(made, Instant.now()).abs()).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    @DisplayName("are all different, on many threads at once")
    void different() throws Exception {
        int threads = 8;
        int each = 20_000;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        Set<UUID> ids = new HashSet<>();
        try {
            List<Future<List<UUID>>> made = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                made.add(pool.submit(
                        () -> Stream.generate(RecordIds::next).limit(each).toList()));
            }
            for (Future<List<UUID>> some : made) {
                ids.addAll(some.get());
            }
        } finally {
            pool.shutdown();
        }
        assertThat(ids).hasSize(threads * each);
    }

    @Test
    @DisplayName("differ between nodes, and ask the system for randomness no more than once")
    void seeds() {
        AtomicInteger asked = new AtomicInteger();
        RecordIds one = new RecordIds(asked::incrementAndGet);
        RecordIds other = new RecordIds(asked::incrementAndGet);
        Set<Long> random = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            random.add(one.make().getLeastSignificantBits());
            random.add(other.make().getLeastSignificantBits());
        }

        assertThat(random).hasSize(2_000);
        assertThat(asked).hasValue(2);
    }
}
