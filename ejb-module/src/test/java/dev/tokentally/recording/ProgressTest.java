package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.time.ManualTicker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A record of the spool")
@Timeout(120)
class ProgressTest {

    @TempDir
    Path directory;

    private final ScriptedRepository repository = new ScriptedRepository();
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        log.close();
    }

    @Test
    @DisplayName("is not tried again from the start when the store goes away again and again between refused records")
    void outagesBetweenRefusals() throws Exception {
        int refused = 20;
        Flaky flaky = new Flaky(repository, 7);
        List<CallRecord> calls = calls(refused + 1);
        calls.stream().limit(refused).forEach(call -> repository.poison.add(call.id()));

        drain(flaky, calls, Duration.ofSeconds(30));

        assertThat(repository.stored).containsOnlyKeys(calls.get(refused).id());
        // Each part is tried once, and once more if it met an outage in its three attempts. All of this happens twice,
        // because the only record that passes comes last.
        // The drainer also asks the store now and then when it has nothing to do, and its time passes fast here.
        assertThat(repository.tries)
                .filteredOn(tried -> tried.startsWith("storeAll"))
                .hasSizeLessThanOrEqualTo(4 * (refused + 1));
    }

    @Test
    @DisplayName("is not tried again with all others when many together get no answer in time and a few do")
    void slowLink() throws Exception {
        List<CallRecord> calls = calls(100);
        Slow slow = new Slow(repository, 10);

        drain(slow, calls, Duration.ofMillis(100));

        assertThat(repository.stored).hasSize(100);
        assertThat(slow.sizes).filteredOn(size -> size == 100).hasSize(1);
    }

    @Test
    @DisplayName("is stored although the driver ends the wait for an answer when many are stored together")
    void cutOff() throws Exception {
        ManualTicker ticker = ManualTicker.passing();
        List<CallRecord> calls = calls(100);
        CutOff cutOff = new CutOff(repository, 10, ticker);

        drain(cutOff, calls, StoreLink.ANSWER, ticker);

        assertThat(repository.stored).hasSize(100);
        // Each of the larger sizes fails once, with the attempts that are made while the store counts as available.
        assertThat(cutOff.sizes)
                .filteredOn(size -> size > 10)
                .hasSizeLessThanOrEqualTo(4 * RetriedAttempts.MAX_ATTEMPTS);
    }

    @ParameterizedTest(name = "{0} records")
    @DisplayName("is one of very many on a connection that carries few at a time, and the log tells of one outage")
    @ValueSource(ints = {10, 200})
    void cutOffOften(int few) throws Exception {
        ManualTicker ticker = ManualTicker.passing();
        CutOff cutOff = new CutOff(repository, few, ticker);

        drain(cutOff, calls(10 * Drainer.BATCH), StoreLink.ANSWER, ticker);

        assertThat(repository.stored).hasSize(10 * Drainer.BATCH);
        oneOutageIsTold();
        assertThat(cutOff.sizes).filteredOn(size -> size > few).hasSizeLessThanOrEqualTo(30);
    }

    @Test
    @DisplayName("is stored with many others again when the connection is fast again")
    void fastAgain() throws Exception {
        ManualTicker ticker = ManualTicker.passing();
        CutOff cutOff = new CutOff(repository, 0, ticker);

        drain(cutOff, StoreLink.ANSWER, ticker, spool -> append(spool, calls(15 * Drainer.BATCH)), spool -> {
            if (cutOff.sizes.contains(1)) {
                cutOff.few = Drainer.BATCH;
            }
            return spool.waiting() == 0;
        });

        assertThat(cutOff.sizes.lastIndexOf(Drainer.BATCH)).isGreaterThan(cutOff.sizes.lastIndexOf(1));
        oneOutageIsTold();
    }

    private void oneOutageIsTold() {
        assertThat(log.messages())
                .filteredOn(line -> line.startsWith("The store takes no records"))
                .hasSize(1);
    }

    @ParameterizedTest(name = "after {0}")
    @DisplayName("of another deployment is taken over while the store is gone and each try takes long")
    @ValueSource(ints = {0, 10})
    void takenOverWhileGone(int before) throws Exception {
        ManualTicker ticker = ManualTicker.passing();
        CutOff gone = new CutOff(repository, before, ticker);
        gone.limit = before;
        List<CallRecord> calls = calls(100);
        // It is found by halving, and the store goes away meanwhile.
        repository.poison.add(calls.get(0).id());
        AtomicBoolean left = new AtomicBoolean();

        drain(gone, StoreLink.ANSWER, ticker, spool -> append(spool, calls), spool -> {
            if (gone.sizes.contains(1) && left.compareAndSet(false, true)) {
                leave(calls(60));
            }
            return spool.waiting() == 160;
        });

        assertThat(repository.stored).isEmpty();
    }

    /** Leaves records in the directory of another deployment, which has ended. */
    private void leave(List<CallRecord> calls) {
        try (Spool other = Spool.open(options())) {
            append(other, calls);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("that is set aside is stored although the driver ends the wait when many are stored together")
    void setAsideCutOff() throws Exception {
        ManualTicker ticker = ManualTicker.passing();
        CutOff cutOff = new CutOff(repository, 10, ticker);
        Instant before = Instant.now().minusSeconds(10);

        drain(
                cutOff,
                StoreLink.ANSWER,
                ticker,
                spool -> {
                    for (CallRecord call : calls(100)) {
                        spool.rejected().add(call, "not you", before);
                    }
                },
                spool -> spool.rejected().count() == 0);

        assertThat(repository.stored).hasSize(100);
    }

    @Test
    @DisplayName("is found behind refused ones although the driver ends the wait when many are stored together")
    void cutOffBehindRefused() throws Exception {
        ManualTicker ticker = ManualTicker.passing();
        List<CallRecord> calls = calls(2 * Drainer.BATCH);
        calls.stream().limit(Drainer.BATCH).forEach(call -> repository.poison.add(call.id()));

        drain(new CutOff(repository, 10, ticker), calls, StoreLink.ANSWER, ticker);

        assertThat(repository.stored).hasSize(Drainer.BATCH);
        try (Spool spool = Spool.open(options())) {
            assertThat(spool.rejected().count()).isEqualTo(Drainer.BATCH);
        }
    }

    @Test
    @DisplayName("is found behind refused ones although another transaction blocks one that is tried with it")
    void lockedBehindRefused() throws Exception {
        ManualTicker ticker = ManualTicker.passing();
        List<CallRecord> calls = calls(2 * Drainer.BATCH);
        calls.stream().limit(Drainer.BATCH).forEach(call -> repository.poison.add(call.id()));
        CallRecord locked = calls.get(Drainer.BATCH);
        repository.locked.add(locked.id());

        drain(
                repository,
                StoreLink.ANSWER,
                ticker,
                spool -> append(spool, calls),
                spool -> repository.stored.size() == Drainer.BATCH - 1);

        assertThat(repository.stored).doesNotContainKey(locked.id());
    }

    @Test
    @DisplayName("is tried with all others again and again if the connection is refused, which takes no time")
    void refusedConnection() throws Exception {
        ManualTicker ticker = ManualTicker.passing();
        repository.fail(30, new StoreUnavailableException("connection refused", null));

        drain(repository, calls(100), StoreLink.ANSWER, ticker);

        assertThat(repository.tries)
                .filteredOn(tried -> tried.startsWith("storeAll"))
                .containsOnly("storeAll 100");
    }

    @Test
    @DisplayName("that conflicts with another transaction is tried again, and that is no outage")
    void conflict() throws Exception {
        List<CallRecord> calls = calls(10);
        repository.conflicts.add(calls.get(3).id());

        drain(repository, calls, Duration.ofSeconds(30));

        assertThat(repository.stored).hasSize(10);
        assertThat(problems()).isEmpty();
    }

    @Test
    @DisplayName(
            "goes to the spool if it conflicts with another transaction while its caller stores it, and that is no outage")
    void callersConflict() {
        CallRecord call = Calls.ok("acme", Instant.EPOCH);
        repository.conflicts.add(call.id());
        SpooledRecorder recorder = Recorders.of(repository, Map.of());
        recorder.open(directory);
        recorder.start(Recorders::daemon);
        try {
            for (int i = 0; i < 10; i++) {
                CallRecord other = Calls.ok("acme", Instant.EPOCH);
                repository.conflicts.add(other.id());
                recorder.record(other);
            }
            recorder.record(call);

            Recorders.await(() -> repository.stored.size() == 11);
            assertThat(recorder.status().circuit()).isEqualTo("closed");
            assertThat(problems()).isEmpty();
        } finally {
            recorder.stop();
        }
    }

    private List<String> problems() {
        return log.lines().stream()
                .filter(line -> line.getLevel().intValue() >= Level.WARNING.intValue())
                .map(line -> line.getMessage())
                .filter(line -> !line.startsWith("@Retry"))
                .toList();
    }

    private void drain(UsageRepository store, List<CallRecord> calls, Duration answer) throws Exception {
        drain(store, calls, answer, ManualTicker.passing());
    }

    private void drain(UsageRepository store, List<CallRecord> calls, Duration answer, ManualTicker ticker)
            throws Exception {
        drain(store, answer, ticker, spool -> append(spool, calls), spool -> spool.waiting() == 0);
    }

    /** The drainer's pauses cost no time. */
    private void drain(
            UsageRepository store, Duration answer, ManualTicker ticker, Filling filling, Predicate<Spool> isDone)
            throws Exception {
        StoreThreads threads = new StoreThreads(Recorders::daemon);
        try (Spool spool = Spool.open(options())) {
            filling.fill(spool);
            Drainer drainer = Drainers.of(spool, store, threads, answer, ticker);
            Thread thread = Recorders.daemon(drainer);
            thread.start();
            Recorders.await(() -> isDone.test(spool));
            drainer.stopWithin(Duration.ofSeconds(10));
            thread.join();
        } finally {
            threads.stop(Duration.ofSeconds(10));
        }
    }

    private SpoolOptions options() {
        return new SpoolOptions(directory, 1 << 24, false);
    }

    private static void append(Spool spool, List<CallRecord> calls) throws IOException {
        for (CallRecord call : calls) {
            spool.append(call);
        }
    }

    /** Puts records into a spool. */
    @FunctionalInterface
    private interface Filling {

        void fill(Spool spool) throws IOException;
    }

    private static List<CallRecord> calls(int count) {
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Calls.ok("acme", Instant.EPOCH));
        }
        return calls;
    }

    /** After every so many transactions, it is out of reach for a batch's three attempts. */
    private static final class Flaky extends Forwarding {

        private final int after;
        private int made;
        private int down;

        Flaky(UsageRepository store, int after) {
            super(store);
            this.after = after;
        }

        @Override
        public synchronized Set<UUID> storeAll(List<CallRecord> records) throws UsageStoreException {
            if (down > 0) {
                down--;
                throw new StoreUnavailableException("the store is out of reach", null);
            }
            made++;
            if (made % after == 0) {
                down = RetriedAttempts.MAX_ATTEMPTS;
            }
            return super.storeAll(records);
        }
    }

    /** Answers too late if there are more than a few records. */
    private static final class Slow extends Forwarding {

        private final int few;
        private final List<Integer> sizes = new CopyOnWriteArrayList<>();

        Slow(UsageRepository store, int few) {
            super(store);
            this.few = few;
        }

        @Override
        public Set<UUID> storeAll(List<CallRecord> records) throws UsageStoreException {
            sizes.add(records.size());
            if (records.size() > few) {
                try {
                    Thread.sleep(300);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return super.storeAll(records);
        }
    }

    /** If there are more than a few records, the wait for its answer ends after two seconds, as {@code socketTimeout=2} says. */
    private static final class CutOff extends Forwarding {

        private final ManualTicker ticker;
        private final List<Integer> sizes = new CopyOnWriteArrayList<>();
        private volatile int few;
        /** After so many records it answers no more. */
        private int limit = Integer.MAX_VALUE;

        CutOff(UsageRepository store, int few, ManualTicker ticker) {
            super(store);
            this.few = few;
            this.ticker = ticker;
        }

        @Override
        public Set<UUID> storeAll(List<CallRecord> records) throws UsageStoreException {
            sizes.add(records.size());
            if (records.size() > few) {
                ticker.advance(Duration.ofSeconds(2));
                throw new StoreUnavailableException("read timed out", null);
            }
            limit -= records.size();
            if (limit <= 0) {
                few = 0;
            }
            return super.storeAll(records);
        }
    }

    private static class Forwarding implements UsageRepository {

        private final UsageRepository store;

        Forwarding(UsageRepository store) {
            this.store = store;
        }

        @Override
        public void store(CallRecord record) throws UsageStoreException {
            store.store(record);
        }

        @Override
        public void storeAgain(CallRecord record) throws UsageStoreException {
            store.storeAgain(record);
        }

        @Override
        public Set<UUID> storeAll(List<CallRecord> records) throws UsageStoreException {
            return store.storeAll(records);
        }

        @Override
        public void check() throws UsageStoreException {
            store.check();
        }
    }
}
