package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The ids of records and calls")
class UniqueIdsTest {

    private static final Clock STOPPED = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    @Test
    @DisplayName("are UUIDs of version 7 with the current time")
    void version() {
        UUID id = UniqueIds.next();

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
                        () -> Stream.generate(UniqueIds::next).limit(each).toList()));
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
    @DisplayName("differ between nodes, and need the system's randomness at most once in a millisecond")
    void seeds() {
        AtomicInteger asked = new AtomicInteger();
        AtomicLong clock = new AtomicLong();
        LongSupplier everyMicrosecond = () -> clock.getAndAdd(1_000);
        UniqueIds one = new UniqueIds(asked::incrementAndGet, everyMicrosecond, STOPPED);
        UniqueIds other = new UniqueIds(asked::incrementAndGet, everyMicrosecond, STOPPED);
        Set<Long> random = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            random.add(one.make().getLeastSignificantBits());
            random.add(other.make().getLeastSignificantBits());
        }

        assertThat(random).hasSize(2_000);
        assertThat(asked.get()).isBetween(4, 7);
    }

    @Test
    @DisplayName("never collide between two copies of one process after the first new randomness from the system")
    void copies() {
        AtomicLong clock = new AtomicLong();
        AtomicLong randomnessOfOne = new AtomicLong(7);
        AtomicLong randomnessOfOther = new AtomicLong(7);
        UniqueIds one = new UniqueIds(randomnessOfOne::getAndIncrement, clock::get, STOPPED);
        UniqueIds other = new UniqueIds(randomnessOfOther::getAndIncrement, clock::get, STOPPED);
        assertThat(made(one, 100)).as("they are copies").isEqualTo(made(other, 100));

        randomnessOfOne.set(1_000);
        randomnessOfOther.set(2_000);
        clock.addAndGet(UniqueIds.FRESH_NANOS);

        assertThat(made(one, 20_000)).as("the ids of both").noneMatch(Set.copyOf(made(other, 20_000))::contains);
    }

    @Test
    @DisplayName("never collide between two copies of one machine after the first difference of their clocks")
    void copiesOfTheSystemToo() {
        AtomicLong clockOfOne = new AtomicLong();
        AtomicLong clockOfOther = new AtomicLong();
        UniqueIds one = new UniqueIds(() -> 7, clockOfOne::get, STOPPED);
        UniqueIds other = new UniqueIds(() -> 7, clockOfOther::get, STOPPED);
        assertThat(made(one, 100)).as("they are copies").isEqualTo(made(other, 100));

        clockOfOne.incrementAndGet();
        List<UUID> first = made(one, 1);
        List<UUID> second = made(other, 1);
        clockOfOther.incrementAndGet();

        assertThat(first).isNotEqualTo(second);
        assertThat(made(one, 20_000)).as("the ids of both").noneMatch(Set.copyOf(made(other, 20_000))::contains);
    }

    private static List<UUID> made(UniqueIds ids, int count) {
        return Stream.generate(ids::make).limit(count).toList();
    }
}
