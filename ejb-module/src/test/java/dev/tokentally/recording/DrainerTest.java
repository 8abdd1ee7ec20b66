package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.time.SingleThread;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.StoreUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The drainer")
class DrainerTest {

    @TempDir
    Path directory;

    @Test
    @Timeout(60)
    @DisplayName("must be woken for the first record after a silence, and finds the following records by itself")
    void wakes() throws Exception {
        ScriptedRepository repository = new ScriptedRepository();
        StoreThreads threads = new StoreThreads(Thread::new);
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 20, false))) {
            Drainer drainer = Drainers.of(spool, repository, threads, Duration.ofSeconds(30));
            Thread thread = new Thread(drainer);
            thread.start();
            while (!drainer.wake()) {
                Thread.sleep(10);
            }

            CallRecord first = Calls.ok("acme", Instant.EPOCH);
            spool.append(first);
            drainer.wake();
            awaitStored(repository, first);
            TimeUnit.MILLISECONDS.sleep(200);
            CallRecord second = Calls.ok("acme", Instant.EPOCH);
            spool.append(second);
            boolean woken = drainer.wake();
            awaitStored(repository, second);

            assertThat(woken).isFalse();
            drainer.stopWithin(Duration.ofSeconds(10));
            thread.join();
        } finally {
            threads.stop(Duration.ofSeconds(10));
        }
    }

    @Test
    @Timeout(60)
    @DisplayName(
            "that still waits for the store when the spool is closed writes nothing there: the records stay for the next start")
    void closedMeanwhile() throws Exception {
        ScriptedRepository repository = new ScriptedRepository();
        repository.frozen = new CountDownLatch(1);
        CallRecord poison = Calls.ok("acme", Instant.EPOCH);
        repository.poison.add(poison.id());
        StoreThreads threads = new StoreThreads(Thread::new);
        SpoolOptions options = new SpoolOptions(directory, 1 << 20, false);
        Spool spool = Spool.open(options);
        spool.append(poison);
        spool.append(Calls.ok("acme", Instant.EPOCH));
        try (CapturedLog log = CapturedLog.of("dev.tokentally.recording")) {
            Drainer drainer = Drainers.of(spool, repository, threads, Duration.ofSeconds(30));
            Thread thread = new Thread(drainer);
            thread.start();
            while (repository.tries.isEmpty()) {
                Thread.sleep(10);
            }
            drainer.stopWithin(Duration.ofSeconds(30));
            spool.close();

            repository.frozen.countDown();
            thread.join();

            assertThat(repository.stored).hasSize(1);
            assertThat(log.messages()).isEmpty();
        } finally {
            threads.stop(Duration.ofSeconds(10));
        }
        assertThat(spool.directory().resolve("rejected.log")).doesNotExist();
        try (Spool next = Spool.open(options)) {
            assertThat(next.waiting()).isEqualTo(2);
        }
    }

    @Test
    @Timeout(60)
    @DisplayName("keeps a record in the spool if memory is short while the record waits for the next attempt")
    void shortOfMemory() throws Exception {
        ScriptedRepository repository = new ScriptedRepository();
        repository.down = new StoreUnavailableException("away", null);
        StoreThreads threads = new StoreThreads(Thread::new);
        try (CapturedLog log = CapturedLog.of("dev.tokentally.recording");
                Spool spool = Spool.open(new SpoolOptions(directory, 1 << 20, false))) {
            ShortOfMemory ticker = new ShortOfMemory();
            Circuit circuit = Drainers.circuit(spool, ticker);
            Drainer drainer = Drainers.of(spool, repository, threads, Duration.ofSeconds(30), ticker, circuit);
            CallRecord call = Calls.ok("acme", Instant.EPOCH);
            spool.append(call);
            Thread thread = new Thread(drainer);
            thread.start();

            Recorders.await(() -> circuit.isOpen() || spool.waiting() == 0);

            assertThat(spool.waiting()).isEqualTo(1);
            assertThat(log.messages()).singleElement().asString().contains("Java heap space");
            repository.down = null;
            awaitStored(repository, call);
            drainer.stopWithin(Duration.ofSeconds(10));
            thread.join();
        } finally {
            threads.stop(Duration.ofSeconds(10));
        }
    }

    @Test
    @Timeout(60)
    @DisplayName("tells of an unexpected failure once, with its stack trace, and tells of it again after it went well")
    void unexpected() throws Exception {
        ScriptedRepository repository = new ScriptedRepository();
        StoreThreads threads = new StoreThreads(Thread::new);
        AtomicInteger faults = new AtomicInteger();
        SingleThread faulty = new SingleThread(
                Recorders::daemon,
                () -> {
                    if (faults.getAndDecrement() > 0) {
                        throw new NullPointerException("a fault of ours");
                    }
                    return System.nanoTime();
                },
                new SingleThread.Purpose("other", "do nothing", "Nothing happens"),
                () -> {});
        try (CapturedLog log = CapturedLog.of("dev.tokentally.recording");
                Spool spool = Spool.open(new SpoolOptions(directory, 1 << 20, false))) {
            Drainer drainer = Drainers.of(spool, repository, threads, Duration.ofSeconds(30));
            drainer.ensureToo(faulty);
            CallRecord call = Calls.ok("acme", Instant.EPOCH);
            spool.append(call);
            faults.set(2);
            Thread thread = new Thread(drainer);
            thread.start();

            awaitStored(repository, call);

            assertThat(log.lines()).singleElement().satisfies(line -> {
                assertThat(line.getMessage()).contains("unexpected failure").contains("a fault of ours");
                assertThat(line.getThrown()).isInstanceOf(NullPointerException.class);
            });
            faults.set(1);
            Recorders.await(() -> log.lines().size() == 2);
            drainer.stopWithin(Duration.ofSeconds(10));
            thread.join();
        } finally {
            threads.stop(Duration.ofSeconds(10));
        }
    }

    private static void awaitStored(ScriptedRepository repository, CallRecord call) throws InterruptedException {
        while (!repository.stored.containsKey(call.id())) {
            Thread.sleep(10);
        }
    }
}
