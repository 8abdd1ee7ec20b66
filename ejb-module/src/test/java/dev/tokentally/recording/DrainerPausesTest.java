package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.time.ManualTicker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A record that the store would take")
@Timeout(60)
class DrainerPausesTest {

    private static final Duration LONG = Duration.ofSeconds(2);
    private static final Duration MOMENT = Duration.ofNanos(200_000);

    @TempDir
    Path directory;

    private final ManualTicker ticker = ManualTicker.standing();
    private final ScriptedRepository repository = new ScriptedRepository();
    private final StoreThreads threads = new StoreThreads(Recorders::daemon);
    private Spool spool;
    private Circuit circuit;
    private Drainer drainer;
    private Thread thread;

    @BeforeEach
    void open() throws IOException {
        spool = Spool.open(new SpoolOptions(directory, 1 << 24, false));
        circuit = Drainers.circuit(spool, ticker);
        drainer = Drainers.of(spool, repository, threads, Duration.ofSeconds(30), ticker, circuit);
        thread = Recorders.daemon(drainer);
    }

    @AfterEach
    void close() throws Exception {
        drainer.stopWithin(Duration.ofSeconds(10));
        thread.join();
        threads.stop(Duration.ofSeconds(10));
        spool.close();
    }

    @Test
    @DisplayName("is stored during a pause that the drainer makes because the store refused an earlier record")
    void refused() throws IOException {
        repository.poisonIsAnyFailure = true;
        poison();
        thread.start();
        awaitPause(LONG);
        assertThat(circuit.isOpen()).isTrue();

        CallRecord good = append();

        Recorders.await(() -> repository.stored.containsKey(good.id()));
        passUntilEmpty();
        assertThat(spool.rejected().count()).isEqualTo(1);
        assertThat(circuit.isOpen()).isFalse();
    }

    /**
     * The first attempt that succeeds may be of three kinds: of many records, of the newest record before its turn, or of a record
     * that is tried again.
     */
    @ParameterizedTest(name = "{0}")
    @DisplayName("is stored or set aside after so many attempts that the store refuses")
    @MethodSource("attempts")
    void refusedForAWhile(int attempts) throws IOException {
        repository.fail(attempts, new RecordRefusedException("no room", null));
        for (int i = 0; i < 30; i++) {
            append();
        }

        thread.start();

        passUntilEmpty();
        assertThat(repository.stored.size() + spool.rejected().count()).isEqualTo(30);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is stored or set aside after a random history of refusals, conflicts, outages and successes, seed")
    @MethodSource("seeds")
    void randomHistory(int seed) throws IOException {
        Random random = new Random(seed);
        List<Throwable> outcomes = List.of(
                new RecordRefusedException("no room", null),
                new UsageStoreException("a trigger", null),
                new WriteConflictException("a lock", null),
                new StoreUnavailableException("away", null),
                ScriptedRepository.SUCCESS);
        for (int phases = random.nextInt(30); phases >= 0; phases--) {
            repository.fail(1 + random.nextInt(40), outcomes.get(random.nextInt(outcomes.size())));
        }
        int records = 1 + random.nextInt(100);
        for (int i = 0; i < records / 2; i++) {
            append();
        }

        thread.start();

        for (int i = records / 2; i < records; i++) {
            append();
        }
        passUntilEmpty();
        assertThat(repository.stored.size() + spool.rejected().count()).isEqualTo(records);
    }

    static IntStream attempts() {
        return IntStream.rangeClosed(1, 200);
    }

    static IntStream seeds() {
        return IntStream.rangeClosed(1, 100);
    }

    @Test
    @DisplayName("is stored even if refused records keep coming, and each of those costs one try a second")
    void refusedAmongOthers() throws IOException {
        repository.poisonIsAnyFailure = true;
        poison();
        thread.start();
        awaitPause(LONG);
        int before = repository.tries.size();

        for (int i = 0; i < 100; i++) {
            poison();
        }
        Recorders.await(() -> ticker.longestWait().equals(Duration.ofSeconds(1)) && repository.tries.size() > before);
        assertThat(repository.tries).hasSizeLessThanOrEqualTo(before + 1);
        CallRecord good = append();
        ticker.advance(Duration.ofSeconds(1));

        Recorders.await(() -> repository.stored.containsKey(good.id()));
        passUntilEmpty();
        assertThat(spool.rejected().count()).isEqualTo(101);
    }

    @Test
    @DisplayName("is stored during a pause that the drainer makes because the store was too slow for callers")
    void slow() throws IOException {
        for (int i = 0; i < 6; i++) {
            circuit.late(Circuit.Pass.FREE, "it did not answer within 1000 ms");
            circuit.close();
        }
        circuit.late(Circuit.Pass.FREE, "it did not answer within 1000 ms");
        thread.start();
        awaitPause(LONG);

        CallRecord good = append();

        Recorders.await(() -> repository.stored.containsKey(good.id()));
        assertThat(circuit.isOpen()).isTrue();
    }

    @Test
    @DisplayName("is stored although another transaction blocks an earlier record")
    void conflict() throws IOException {
        CallRecord locked = append();
        repository.locked.add(locked.id());
        List<CallRecord> behind = new ArrayList<>();
        for (int i = 0; i < 2 * Drainer.BATCH; i++) {
            behind.add(append());
        }
        thread.start();

        pass(() -> repository.stored.size() == behind.size());
        awaitPause(LONG);
        CallRecord late = append();
        pass(() -> repository.stored.containsKey(late.id()));

        assertThat(repository.stored).doesNotContainKey(locked.id());
        assertThat(circuit.isOpen()).isFalse();
        repository.locked.clear();
        passUntilEmpty();
        assertThat(repository.stored).hasSize(behind.size() + 2);
        assertThat(spool.rejected().count()).isZero();
    }

    @Test
    @DisplayName("waits with all others while another transaction blocks all of them, and a round costs few tries")
    void tableLocked() throws IOException {
        for (int i = 0; i < Drainer.BATCH; i++) {
            repository.locked.add(append().id());
        }
        thread.start();
        awaitPause(LONG);
        int before = repository.tries.size();

        awaitNextPause(LONG);

        assertThat(repository.tries.size() - before).isLessThanOrEqualTo(12);
        assertThat(spool.waiting()).isEqualTo(Drainer.BATCH);
        repository.locked.clear();
        passUntilEmpty();
        assertThat(repository.stored).hasSize(Drainer.BATCH);
    }

    @Test
    @DisplayName("waits for the whole pause while the store does not answer, because each try would only cost time")
    void down() throws IOException {
        repository.down = new StoreUnavailableException("the store is out of reach", null);
        append();
        thread.start();
        awaitPause(LONG);
        int before = repository.tries.size();

        for (int i = 0; i < 10; i++) {
            append();
        }
        repository.down = null;

        assertThat(ticker.longestWait()).isGreaterThanOrEqualTo(LONG);
        assertThat(repository.tries).hasSize(before);
        passUntilEmpty();
        assertThat(repository.stored).hasSize(11);
    }

    @Test
    @DisplayName("goes directly to the store, although the disk has no room to set an earlier record aside")
    void noRoomToSetAside() throws IOException {
        Path noFile = Files.createDirectory(spool.directory().resolve("rejected.log"));
        poison();
        append();
        thread.start();
        awaitPause(LONG);
        circuit.open("connection refused");

        pass(() -> !circuit.isOpen());

        assertThat(spool.waiting()).isEqualTo(2);
        Files.delete(noFile);
        passUntilEmpty();
        assertThat(repository.stored).hasSize(1);
        assertThat(spool.rejected().count()).isEqualTo(1);
    }

    @Test
    @DisplayName("is looked for soon if somebody is in a hurry, but not again and again")
    void hurry() throws IOException {
        repository.down = new StoreUnavailableException("away", null);
        append();
        thread.start();
        awaitPause(LONG);
        int tries = repository.tries.size();

        drainer.hurry();

        Recorders.await(() -> repository.tries.size() == tries + 1);
        Recorders.await(() -> ticker.longestWait().equals(Drainer.MIN_PAUSE));
        drainer.hurry();
        assertThat(ticker.longestWait()).isEqualTo(Drainer.MIN_PAUSE);
        assertThat(repository.tries).hasSize(tries + 1);
        ticker.advance(Drainer.MIN_PAUSE);
        Recorders.await(() -> repository.tries.size() == tries + 2);
        repository.down = null;
        passUntilEmpty();
    }

    private CallRecord append() throws IOException {
        return told(Calls.ok("acme", Instant.EPOCH));
    }

    private void poison() throws IOException {
        CallRecord call = Calls.ok("acme", Instant.EPOCH);
        repository.poison.add(call.id());
        told(call);
    }

    /** Appends a record and tells the drainer, as the recorder does. */
    private CallRecord told(CallRecord call) throws IOException {
        spool.append(call);
        drainer.waits(call);
        drainer.wake();
        return call;
    }

    /** Lets the time pass until the drainer waits for at least this long. */
    private void awaitPause(Duration atLeast) {
        pass(() -> ticker.longestWait().compareTo(atLeast) >= 0);
    }

    private void awaitNextPause(Duration atLeast) {
        ticker.advance(ticker.longestWait());
        Recorders.await(() -> ticker.longestWait().compareTo(atLeast) < 0);
        awaitPause(atLeast);
    }

    private void passUntilEmpty() {
        pass(() -> spool.waiting() == 0);
    }

    /** Looks again after a moment, since the drainer makes hundreds of pauses and goes on at once when the time moves. */
    private void pass(BooleanSupplier condition) {
        Recorders.await(MOMENT, () -> {
            if (condition.getAsBoolean()) {
                return true;
            }
            Duration wait = ticker.longestWait();
            if (wait.compareTo(Duration.ZERO) > 0) {
                ticker.advance(wait);
            }
            return false;
        });
    }
}
