package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.RecordingMode;
import dev.tokentally.config.Settings;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.text.Summary;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageRepository.Readiness;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller that waits for the store ignores an interrupt. So a test of a frozen store has a thread of its own, which may stay. */
@DisplayName("A record")
class UsageRecorderTest {

    private static final StoreUnavailableException OUTAGE =
            new StoreUnavailableException("the store is out of reach", new ConnectException("Connection refused"));
    private static final UsageStoreException NO_TABLE =
            new UsageStoreException("the store takes no records", new IllegalStateException("no table\nINFO forged"));
    private static final RecordRefusedException REFUSAL =
            new RecordRefusedException("the store refused the record", new IllegalStateException("check\nINFO forged"));

    @TempDir
    Path directory;

    private final CallRecord call = Calls.ok("acme", Instant.EPOCH);
    private final Map<String, String> config = new HashMap<>();

    private boolean inTransaction;
    private boolean transactionIsUnknown;
    private SpooledRecorder recorder;
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        if (recorder != null) {
            recorder.stop();
        }
        log.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("that is stored at once is tried once and leaves no log line")
    @ValueSource(booleans = {true, false})
    void stored(boolean live) {
        ScriptedRepository repository = new ScriptedRepository();

        started(repository, live).record(call);

        assertThat(repository.tries).containsExactly("store " + call.id());
        assertThat(problems()).isEmpty();
        assertThat(recorder.status().waiting()).isZero();
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName(
            "is tried three times when the connection fails, the second and third time as a repeat, and is stored by the third")
    @ValueSource(booleans = {true, false})
    void backInTime(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, OUTAGE);

        started(repository, live).record(call);

        assertThat(repository.tries)
                .filteredOn(tried -> tried.contains("" + call.id()))
                .containsExactly("store " + call.id(), "storeAgain " + call.id(), "storeAgain " + call.id());
        assertThat(problems()).isEmpty();
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("goes to the spool after the third failure, and is stored from there")
    @ValueSource(booleans = {true, false})
    void outage(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, OUTAGE, OUTAGE);

        started(repository, live).record(call);

        Recorders.await(() -> repository.stored.containsKey(call.id()));
        assertThat(repository.tries)
                .startsWith("store " + call.id(), "storeAgain " + call.id(), "storeAgain " + call.id(), "storeAll 1");
        assertThat(repository.stored.get(call.id())).isEqualTo(call);
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("is tried once by its caller if the store has any other fault, and waits until a person corrects that")
    @ValueSource(booleans = {true, false})
    void noTable(boolean live) {
        ScriptedRepository repository = new ScriptedRepository();
        repository.down = NO_TABLE;

        started(repository, live).record(call);
        Recorders.await(() -> recorder.status().circuit().equals("open"));
        assertThat(repository.tries)
                .filteredOn(tried -> tried.contains("" + call.id()))
                .hasSize(1);
        assertThat(recorder.status().waiting()).isEqualTo(1);
        assertThat(recorder.status().oldest()).isEqualTo(call.startedAt());
        repository.down = null;

        Recorders.await(() -> repository.stored.containsKey(call.id()));
        Recorders.await(() -> recorder.status().circuit().equals("closed"));
        assertThat(problems()).singleElement().satisfies(line -> assertThat(line)
                .contains("The store takes no records", "no table INFO forged")
                .doesNotContain("\n"));
    }

    @Test
    @DisplayName("costs one attempt at the start of an outage, and later ones cost none while the circuit is open")
    void onlyTheFirstPay() {
        ScriptedRepository repository = new ScriptedRepository();
        repository.down = OUTAGE;
        started(repository, true).record(call);
        Recorders.await(() -> recorder.status().circuit().equals("open"));

        for (int i = 0; i < 100; i++) {
            recorder.record(Calls.ok("acme", Instant.EPOCH));
        }

        assertThat(repository.tries)
                .filteredOn(tried -> tried.startsWith("store "))
                .hasSize(1);
        repository.down = null;
        Recorders.await(() -> repository.stored.size() == 101);
        Recorders.await(() -> !lines("takes records again").isEmpty());
        assertThat(lines("takes records again").get(0)).contains("101 that waited in " + directory);
        assertThat(lines("takes no records")).hasSize(1);
    }

    @Test
    @DisplayName("meets no outage when the pool still has two broken connections")
    void staleConnections() {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, OUTAGE);
        config.put("tokentally.recording.mode", "write-behind");

        started(repository, true).record(call);

        Recorders.await(() -> repository.stored.containsKey(call.id()));
        assertThat(repository.tries).containsExactly("storeAll 1", "storeAll 1", "storeAll 1");
        assertThat(problems()).isEmpty();
    }

    @Test
    @DisplayName("is set aside with the reason if the store refuses it, and the 999 records with it are stored")
    void poison() throws IOException {
        ScriptedRepository repository = new ScriptedRepository();
        config.put("tokentally.recording.mode", "write-behind");
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            calls.add(Calls.ok("acme", Instant.EPOCH));
        }
        repository.poison.add(calls.get(567).id());
        repository.frozen = new CountDownLatch(1);
        started(repository, true);

        calls.forEach(recorder::record);
        repository.frozen.countDown();

        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(repository.stored).hasSize(999);
        assertThat(recorder.status().rejected()).isEqualTo(1);
        assertThat(lines("refuses a record")).hasSize(1);
        assertThat(recorder.status().circuit()).isEqualTo("closed");
    }

    @Test
    @DisplayName("that is the newest and is stored shows that the store refuses all older ones for their own sake")
    void newestPasses() {
        ScriptedRepository repository = new ScriptedRepository();
        config.put("tokentally.recording.mode", "write-behind");
        repository.frozen = new CountDownLatch(1);
        started(repository, true);
        for (int i = 0; i < 1200; i++) {
            CallRecord poison = Calls.ok("acme", Instant.EPOCH);
            repository.poison.add(poison.id());
            recorder.record(poison);
        }
        recorder.record(call);
        repository.frozen.countDown();

        Recorders.await(() -> recorder.status().rejected() == 1200);
        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(repository.stored).containsOnlyKeys(call.id());
        assertThat(recorder.status().circuit()).isEqualTo("closed");
    }

    @Test
    @DisplayName("that was stored before does not show that the store takes others, and ends no outage")
    void thereAlready() throws IOException {
        ScriptedRepository repository = new ScriptedRepository();
        CallRecord poison = Calls.ok("acme", Instant.EPOCH);
        CallRecord other = Calls.ok("acme", Instant.EPOCH);
        repository.stored.put(call.id(), call);
        repository.poison.addAll(Set.of(poison.id(), other.id()));
        config.put("tokentally.recording.mode", "write-behind");
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 24, false))) {
            for (CallRecord each : List.of(poison, other, call)) {
                spool.append(each);
            }
        }
        started(repository, true);

        Recorders.await(() -> repository.tries.size() > 30);
        assertThat(recorder.status().circuit()).isEqualTo("open");
        assertThat(recorder.status().rejected()).isZero();
        assertThat(lines("takes no records")).hasSize(1);
        assertThat(lines("takes records again")).isEmpty();

        recorder.record(Calls.ok("acme", Instant.EPOCH));
        Recorders.await(() -> recorder.status().rejected() == 2);
        Recorders.await(() -> recorder.status().circuit().equals("closed"));
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisplayName(
            "holds its caller no longer than the longest wait while the store is frozen, and is stored when it thaws")
    void frozen() {
        ScriptedRepository repository = new ScriptedRepository();
        config.put("tokentally.recording.max-wait", "50ms");
        started(repository, true);
        repository.frozen = new CountDownLatch(1);

        recorder.record(call);

        assertThat(recorder.status().circuit()).isEqualTo("open");
        assertThat(recorder.status().waiting()).isEqualTo(1);
        assertThat(lines("did not answer within 50 ms")).hasSize(1);
        repository.frozen.countDown();
        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(repository.stored).containsKey(call.id());
    }

    @Test
    @DisplayName(
            "of a caller in a transaction goes to the spool, because the caller may hold the pool's last connection")
    void inATransaction() {
        ScriptedRepository repository = new ScriptedRepository();
        inTransaction = true;

        started(repository, true).record(call);

        Recorders.await(() -> repository.stored.containsKey(call.id()));
        assertThat(repository.tries).containsExactly("storeAll 1");
    }

    @Test
    @DisplayName("goes to the spool if nobody knows whether the caller is in a transaction")
    void perhapsInATransaction() {
        ScriptedRepository repository = new ScriptedRepository();
        transactionIsUnknown = true;

        started(repository, true).record(call);

        Recorders.await(() -> repository.stored.containsKey(call.id()));
        assertThat(repository.tries).containsExactly("storeAll 1");
        assertThat(problems()).isEmpty();
    }

    @Test
    @DisplayName("goes to the spool at once in write-behind mode, and to the store from there")
    void writeBehind() {
        ScriptedRepository repository = new ScriptedRepository();
        config.put("tokentally.recording.mode", "write-behind");

        started(repository, true).record(call);

        Recorders.await(() -> repository.stored.containsKey(call.id()));
        assertThat(repository.tries).containsExactly("storeAll 1");
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("goes to the spool even if the store throws an Error, and the caller sees nothing of it")
    @ValueSource(booleans = {true, false})
    void error(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(new NoClassDefFoundError("a driver's class"));

        started(repository, live).record(call);

        Recorders.await(() -> repository.stored.containsKey(call.id()));
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("of an interrupted thread is stored, and the thread stays interrupted")
    @ValueSource(booleans = {true, false})
    void interrupted(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE);
        started(repository, live);
        Thread.currentThread().interrupt();

        recorder.record(call);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(repository.stored).containsKey(call.id());
    }

    @Test
    @DisplayName("of an interrupted thread that may not wait is as safe as any other: the directory is forced, too")
    void interruptedWithoutWaiting() {
        config.put("tokentally.spool.durability", "power");
        Logger spool = Logger.getLogger("dev.tokentally.recording.spool");
        spool.setLevel(Level.ALL);
        try {
            opened(new ScriptedRepository(), true);
            Thread.currentThread().interrupt();

            recorder.recordWithoutWaiting(call);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(recorder.status().waiting()).isEqualTo(1);
            assertThat(lines("directory cannot be forced")).isEmpty();
        } finally {
            spool.setLevel(null);
        }
    }

    @Test
    @DisplayName("that comes before the start or after the stop waits for the next deployment")
    void outsideOfTheLife() {
        ScriptedRepository repository = new ScriptedRepository();
        CallRecord late = Calls.ok("acme", Instant.EPOCH);
        SpooledRecorder early = opened(repository, true);
        early.record(call);
        early.stop();
        early.record(late);
        assertThat(repository.stored).isEmpty();

        started(repository, true);

        Recorders.await(() -> repository.stored.size() == 2);
        assertThat(repository.stored).containsKeys(call.id(), late.id());
    }

    @Test
    @DisplayName("is stored before the stop ends if the store is there")
    void cleanStop() {
        ScriptedRepository repository = new ScriptedRepository();
        config.put("tokentally.recording.mode", "write-behind");
        started(repository, true);
        for (int i = 0; i < 5000; i++) {
            recorder.record(Calls.ok("acme", Instant.EPOCH));
        }

        recorder.stop();

        assertThat(repository.stored).hasSize(5000);
    }

    @Test
    @DisplayName(
            "is lost only if neither the spool nor the store takes it; each loss is counted, and the first ones are logged")
    void lost() throws IOException {
        ScriptedRepository repository = new ScriptedRepository();
        repository.down = OUTAGE;
        config.put("tokentally.spool.max-bytes", "16777216");
        config.put("tokentally.recording.mode", "write-behind");
        started(repository, true);
        long kept = 0;
        while (recorder.status().dropped() == 0) {
            // Each record takes more than 4000 bytes.
            assertThat(kept).isLessThan(16_777_216 / 4000);
            recorder.record(large());
            kept++;
        }
        for (int i = 0; i < 19; i++) {
            recorder.record(large());
        }

        assertThat(recorder.status().dropped()).isEqualTo(20);
        assertThat(recorder.status().waiting()).isEqualTo(kept - 1);
        assertThat(lines("is not recorded"))
                .hasSize(Summary.LINES)
                .first()
                .asString()
                .contains("tenant=acme", "operation=summarise", "has reached 16777216 bytes");
        repository.down = null;
        Recorders.await(() -> recorder.status().waiting() == 0);
    }

    /** With such records a spool is soon full. */
    private static CallRecord large() {
        CallRecord ok = Calls.ok("acme", Instant.EPOCH);
        String tags = "{\"feature\":\"" + "x".repeat(4000) + "\"}";
        return new CallRecord(
                ok.id(),
                new CallOrigin(ok.callId(), ok.tenantId(), ok.operation(), null, null, null, tags),
                ok.timing(),
                new CallUsage(ok.provider(), ok.model(), ok.tokens()),
                new Cost(ok.costUsd(), ok.costSource()),
                ok.outcome());
    }

    @Test
    @DisplayName("goes to the store if the spool is full and the store is there")
    void fullSpool() {
        ScriptedRepository repository = new ScriptedRepository();
        inTransaction = true;
        SpooledRecorder full = started(repository, true, 1);

        full.record(call);

        assertThat(repository.stored).containsKey(call.id());
        assertThat(full.status().dropped()).isZero();
    }

    @ParameterizedTest
    @DisplayName(
            "goes to the store if the spool is full and the store is there again, although the drainer has not noticed it")
    @EnumSource
    void fullSpoolAfterOutage(RecordingMode mode) {
        ScriptedRepository repository = new ScriptedRepository();
        repository.down = OUTAGE;
        config.put("tokentally.recording.mode", mode.label());
        SpooledRecorder full = started(repository, true, 1);
        Recorders.await(() -> {
            full.record(Calls.ok("acme", Instant.EPOCH));
            return full.status().circuit().equals("open");
        });
        // The drainer's next pause is a second.
        Recorders.await(() -> repository.tries.stream().filter("check"::equals).count() >= 3);
        long dropped = full.status().dropped();
        repository.down = null;
        // The pool may still have a connection that is broken.
        repository.fail(1, OUTAGE);

        full.record(call);

        assertThat(repository.stored).containsKey(call.id());
        assertThat(full.status().dropped()).isEqualTo(dropped);
    }

    @Test
    @DisplayName(
            "goes to the store with all attempts if the spool is full, also if the server's circuit breaker stops them")
    void fullSpoolAndBreaker() {
        ScriptedRepository repository = new ScriptedRepository();
        recorder = recorder(repository, new LiveRetry(3), new OpenBreaker());
        recorder.open(new SpoolOptions(directory, 1, false));
        recorder.start(this::thread);
        repository.fail(2, OUTAGE);

        recorder.record(call);

        assertThat(repository.tries)
                .filteredOn(tried -> tried.contains("" + call.id()))
                // A check of the drainer may meet the second failure.
                .startsWith("store " + call.id(), "storeAgain " + call.id());
        assertThat(repository.stored).containsKey(call.id());
        assertThat(recorder.status().dropped()).isZero();
    }

    @Test
    @DisplayName("goes to the store if the spool is full, whatever number of callers there is")
    void fullSpoolAndManyCallers() throws InterruptedException {
        ScriptedRepository repository = new ScriptedRepository();
        repository.slow = "store";
        repository.slowMillis = 50;
        config.put("tokentally.recording.max-wait", "60s");
        SpooledRecorder full = started(repository, true, 1);

        // Each of them needs a thread, and only one, although the records are written on it.
        for (int i = 0; i < 20; i++) {
            full.recordWithoutWaiting(Calls.ok("acme", Instant.EPOCH));
        }
        Recorders.await(() -> repository.stored.size() + full.status().dropped() == 20);
        ExecutorService callers = recordAtOnce(100, full);

        assertThat(callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(full.status().dropped()).isZero();
        assertThat(repository.stored).hasSize(120);
    }

    @Test
    @DisplayName("that waited for a thread most of the time says nothing about the store when its write is late")
    void fullSpoolAndLateThread() throws InterruptedException {
        ScriptedRepository repository = new ScriptedRepository();
        repository.slow = "store";
        repository.slowMillis = 1200;
        config.put("tokentally.recording.max-wait", "4s");
        SpooledRecorder full = started(repository, true, 1);
        // The module has 32 threads, so at most 32 callers write at a time.
        ExecutorService callers = recordAtOnce(100, full);

        assertThat(callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(full.status().dropped()).as("late").isPositive();
        assertThat(full.status().circuit()).isEqualTo("closed");
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisplayName(
            "goes to the store if the spool is full and the store was slow for a moment, whatever number of callers there is")
    void fullSpoolAndSlowForAMoment() throws InterruptedException {
        ScriptedRepository repository = new ScriptedRepository();
        CountDownLatch thaw = new CountDownLatch(1);
        repository.frozen = thaw;
        SpooledRecorder full = started(repository, true, 1);
        CallRecord late = Calls.ok("acme", Instant.EPOCH);
        full.record(late);
        assertThat(full.status().circuit()).isEqualTo("open");
        ExecutorService callers = recordAtOnce(8, full);
        Recorders.await(() -> repository.tries.stream()
                        .filter(tried -> tried.startsWith("store "))
                        .count()
                == 2);

        thaw.countDown();

        assertThat(callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(repository.stored).hasSize(9);
        assertThat(full.status().dropped()).as("the late one").isEqualTo(1);
    }

    @ParameterizedTest
    @DisplayName(
            "waits if the spool is full and the store comes back for the first time, until the store is prepared for records")
    @EnumSource
    void fullSpoolAndPreparation(RecordingMode mode) throws InterruptedException {
        config.put("tokentally.recording.mode", mode.label());
        config.put("tokentally.recording.max-wait", "30s");
        UnpreparedRepository repository = new UnpreparedRepository();
        SpooledRecorder full = started(repository, true, 1);
        // The drainer's next pause is longer than such a call waits for a store that may be away.
        Recorders.await(() -> repository.checks.get() >= 4);
        repository.isAway = false;

        ExecutorService callers = recordAtOnce(100, full);
        full.recordWithoutWaiting(call);

        assertThat(callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        Recorders.await(() -> repository.stored.get() == 101);
        assertThat(full.status().dropped()).isZero();
    }

    @Test
    @DisplayName(
            "is lost if the spool is full and the store's preparation takes longer than a caller may wait, but the next is not")
    void fullSpoolAndLongPreparation() {
        config.put("tokentally.recording.max-wait", "100ms");
        UnpreparedRepository repository = new UnpreparedRepository();
        repository.isAway = false;
        SpooledRecorder full = started(repository, true, 1);
        Recorders.await(() -> repository.readiness() == Readiness.BEING_PREPARED);
        full.record(call);
        assertThat(full.status().dropped()).isEqualTo(1);
        Recorders.await(() -> repository.readiness() == Readiness.READY);

        full.record(Calls.ok("acme", Instant.EPOCH));

        assertThat(full.status().dropped()).isEqualTo(1);
    }

    @Test
    @Timeout(30)
    @DisplayName("waits only a moment if the spool is full and the store is away since the start")
    void fullSpoolAndAway() {
        UnpreparedRepository repository = new UnpreparedRepository();
        config.put("tokentally.recording.max-wait", "10s");
        SpooledRecorder full = started(repository, true, 1);

        for (int i = 0; i < 10; i++) {
            full.record(Calls.ok("acme", Instant.EPOCH));
        }

        assertThat(full.status().dropped()).isEqualTo(10);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisplayName("does not wait for a frozen store again and again if the spool is full")
    void fullSpoolAndFrozen() {
        ScriptedRepository repository = new ScriptedRepository();
        CountDownLatch thaw = new CountDownLatch(1);
        repository.frozen = thaw;
        config.put("tokentally.recording.max-wait", "100ms");
        SpooledRecorder full = started(repository, true, 1);

        for (int i = 0; i < 50; i++) {
            full.record(Calls.ok("acme", Instant.EPOCH));
        }

        // Only two of the 50 calls try: the first one, and the first one that tries alone after it. All others come
        // during the pause.
        assertThat(repository.tries)
                .filteredOn(tried -> tried.startsWith("store "))
                .hasSize(2);
        assertThat(full.status().dropped()).isEqualTo(50);
        thaw.countDown();
        Recorders.await(() -> {
            CallRecord another = Calls.ok("acme", Instant.EPOCH);
            full.record(another);
            return repository.stored.containsKey(another.id());
        });
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisplayName("of a caller that may not wait goes to the spool, and a frozen store is not even tried")
    void withoutWaiting() {
        ScriptedRepository repository = new ScriptedRepository();
        CountDownLatch thaw = new CountDownLatch(1);
        repository.frozen = thaw;
        started(repository, true);

        recorder.recordWithoutWaiting(call);

        assertThat(recorder.status().waiting()).isEqualTo(1);
        assertThat(recorder.status().circuit()).isEqualTo("closed");
        assertThat(repository.tries).doesNotContain("store " + call.id());
        thaw.countDown();
        Recorders.await(() -> repository.stored.containsKey(call.id()));
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisplayName("of a caller that may not wait goes to the store on another thread if the spool is full")
    void withoutWaitingAndFull() {
        ScriptedRepository repository = new ScriptedRepository();
        CountDownLatch thaw = new CountDownLatch(1);
        repository.frozen = thaw;
        SpooledRecorder full = started(repository, true, 1);

        full.recordWithoutWaiting(call);
        assertThat(repository.stored).isEmpty();
        thaw.countDown();

        Recorders.await(() -> repository.stored.containsKey(call.id()));
        assertThat(full.status().dropped()).isZero();
    }

    @Test
    @DisplayName("of a caller that may not wait is lost and counted if the spool is full and no thread is there")
    void withoutWaitingAndLost() {
        recorder = recorder(new ScriptedRepository(), true);
        recorder.open(new SpoolOptions(directory, 1, false));

        recorder.recordWithoutWaiting(call);

        assertThat(recorder.status().dropped()).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "does not exist for a call outside a call scope; each such call is counted, and the first ones are logged")
    void withoutScope() {
        started(new ScriptedRepository(), true);

        for (int i = 0; i < 100; i++) {
            recorder.withoutScope("A model was asked");
        }

        assertThat(recorder.status().withoutScope()).isEqualTo(100);
        assertThat(recorder.status().dropped()).isZero();
        assertThat(lines("A model was asked: annotate")).hasSize(Summary.LINES);
    }

    @Test
    @DisplayName("stops the deployment with the key's name if the spool's directory cannot be made")
    void noDirectory() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> recorder(new ScriptedRepository(), true).open(file.resolve("spool")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.spool.directory")
                .hasMessageContaining("file");
    }

    @Test
    @DisplayName("is stored although the spool's directory has files that cannot be read")
    void unreadableFiles() throws IOException {
        Files.createDirectories(directory.resolve("1/rejected.log"));
        Files.createDirectories(directory.resolve("1/0000000000000000001.spool"));
        Files.createDirectories(directory.resolve("1/rejected.jsonl"));
        Files.createDirectories(directory.resolve("2/lock"));
        config.put("tokentally.recording.mode", "write-behind");
        ScriptedRepository repository = new ScriptedRepository();
        repository.poison.add(call.id());
        started(repository, true);

        recorder.record(call);
        recorder.record(Calls.ok("acme", Instant.EPOCH));

        Recorders.await(() -> repository.stored.size() == 1 && recorder.status().rejected() == 1);
        assertThat(lines("the spool cannot be read or written to")).isEmpty();
    }

    @Test
    @DisplayName(
            "that is lost because of an unexpected failure leaves a line, and the stack trace of the first such failure")
    void unexpected() {
        SpooledRecorder neverOpened = Recorders.of(new ScriptedRepository(), Map.of());

        neverOpened.record(call);
        neverOpened.record(call);

        assertThat(lines("neither the store nor the spool takes it")).hasSize(2);
        assertThat(log.lines().get(0).getThrown()).isInstanceOf(IllegalStateException.class);
        assertThat(log.lines().get(1).getThrown()).isNull();
    }

    @ParameterizedTest(name = "{0} attempts")
    @DisplayName("has its three attempts even if the server's @Retry makes another number, and the log says so")
    @ValueSource(ints = {1, 2, 6})
    void retryNotLive(int attempts) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, OUTAGE, OUTAGE);
        recorder = recorder(repository, new LiveRetry(attempts), new GuardedAttempts());
        recorder.open(directory);
        recorder.start(this::thread);
        assertThat(lines("@Retry is not live")).singleElement().satisfies(line -> assertThat(line)
                .contains("on Payara", "on WildFly"));

        recorder.record(call);

        Recorders.await(() -> repository.stored.containsKey(call.id()));
        assertThat(repository.tries)
                .filteredOn(tried -> tried.contains("" + call.id()))
                .hasSize(3);
    }

    @Test
    @DisplayName(
            "is stored at once even if the server's circuit breaker stays open forever, and so are the records in the spool")
    void breakerStaysOpen() {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE);
        recorder = recorder(repository, new LiveRetry(3), new OpenBreaker());
        recorder.open(directory);
        recorder.start(this::thread);

        recorder.record(call);
        Recorders.await(() ->
                repository.stored.containsKey(call.id()) && recorder.status().storeDownSince() == null);
        CallRecord next = Calls.ok("acme", Instant.EPOCH);
        recorder.record(next);

        // The drainer may check the store before it sees the record.
        assertThat(repository.tries)
                .filteredOn(made -> !made.equals("check"))
                .startsWith("store " + call.id(), "storeAll 1")
                .endsWith("store " + next.id());
        assertThat(lines("The store takes no records")).singleElement().satisfies(line -> assertThat(line)
                .contains(OUTAGE.getMessage()));
    }

    @Test
    @DisplayName(
            "waits at most 0.3 s between its attempts and not for a probe, and the breaker opens after two failed calls")
    void waits() throws NoSuchMethodException {
        Retry retry = RetriedAttempts.class.getMethod("make", Attempt.class).getAnnotation(Retry.class);
        Retry probe = RetriedAttempts.class.getMethod("probe", Attempt.class).getAnnotation(Retry.class);
        CircuitBreaker breaker =
                GuardedAttempts.class.getMethod("make", Attempt.class).getAnnotation(CircuitBreaker.class);

        assertThat(retry.maxRetries()).isEqualTo(2);
        assertThat(retry.maxRetries() * (retry.delay() + retry.jitter())).isLessThanOrEqualTo(300);
        assertThat(retry.retryOn()).containsExactly(StoreUnavailableException.class);
        assertThat(probe.maxRetries()).isEqualTo(retry.maxRetries());
        assertThat(probe.retryOn()).isEqualTo(retry.retryOn());
        assertThat(probe.delay() + probe.jitter()).isZero();
        assertThat(2 * RetriedAttempts.WAIT_MILLIS).isLessThanOrEqualTo(300);
        assertThat(breaker.requestVolumeThreshold()).isEqualTo(2 * retry.maxRetries());
        assertThat(breaker.skipOn()).containsExactly(RecordRefusedException.class, WriteConflictException.class);
    }

    private SpooledRecorder started(ScriptedRepository repository, boolean live) {
        opened(repository, live).start(this::thread);
        log.lines().removeIf(line -> line.getMessage().contains("@Retry is not live"));
        return recorder;
    }

    /** Each call is recorded by a thread of its own. The threads end by themselves. */
    private static ExecutorService recordAtOnce(int calls, SpooledRecorder recorder) {
        ExecutorService callers = Executors.newFixedThreadPool(calls);
        for (int i = 0; i < calls; i++) {
            callers.execute(() -> recorder.record(Calls.ok("acme", Instant.EPOCH)));
        }
        callers.shutdown();
        return callers;
    }

    private SpooledRecorder started(UsageRepository repository, boolean live, long maxBytes) {
        recorder = recorder(repository, live);
        recorder.open(new SpoolOptions(directory, maxBytes, false));
        recorder.start(this::thread);
        return recorder;
    }

    private SpooledRecorder opened(ScriptedRepository repository, boolean live) {
        recorder = recorder(repository, live);
        recorder.open(directory);
        return recorder;
    }

    private SpooledRecorder recorder(UsageRepository repository, boolean live) {
        return recorder(repository, live ? new LiveRetry(3) : new RetriedAttempts(), new GuardedAttempts());
    }

    private SpooledRecorder recorder(UsageRepository repository, RetriedAttempts retried, GuardedAttempts guarded) {
        return new SpooledRecorder(
                settings(), repository, retried, guarded, new FixedTransaction(), new DeployedApplication());
    }

    private Settings settings() {
        return new Settings(new MapConfig(config));
    }

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }

    private List<String> problems() {
        return log.lines().stream()
                .filter(line -> line.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogRecord::getMessage)
                .toList();
    }

    private List<String> lines(String part) {
        return log.messages().stream().filter(line -> line.contains(part)).toList();
    }

    private final class FixedTransaction extends CallersTransaction {

        @Override
        boolean isActive() {
            if (transactionIsUnknown) {
                throw new IllegalStateException("no names on this thread");
            }
            return inTransaction;
        }
    }
}
