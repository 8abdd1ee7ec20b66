package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.time.ManualTicker;
import dev.tokentally.usage.UsageStoreException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("A thread that looks after the tables")
@Timeout(60)
class OwnThreadTest {

    private final ManualTicker ticker = ManualTicker.standing();
    private final OwnThread thread = new OwnThread("upkeep", "look after the tables");
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicInteger threads = new AtomicInteger();
    private volatile Thread last;
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.time");
    }

    @AfterEach
    void stop() {
        thread.stop(() -> {});
        log.close();
    }

    @Test
    @DisplayName("does not stop the application's start if it cannot be made, and is made later")
    void noThread() throws InterruptedException {
        thread.start(failing(1), ticker, runs::incrementAndGet);
        assertThat(log.messages())
                .containsExactly("No thread can be made to look after the tables: InternalError: unable to create"
                        + " native thread. Recording goes on, and the module tries it again every few seconds");

        thread.ensure();
        assertThat(threads).hasValue(1);
        ticker.advance(Duration.ofSeconds(1));
        thread.ensure();

        await(1);
    }

    @Test
    @DisplayName("is not made again when its work is done")
    void done() throws InterruptedException {
        thread.start(failing(0), ticker, runs::incrementAndGet);
        await(1);
        last.join();

        ticker.advance(Duration.ofSeconds(1));
        thread.ensure();

        assertThat(threads).hasValue(1);
    }

    @Test
    @DisplayName("is made again after an Error or an interrupt has ended it")
    void ended() throws InterruptedException {
        thread.start(failing(0), ticker, () -> {
            switch (runs.incrementAndGet()) {
                case 1 -> throw new NoClassDefFoundError("on purpose");
                case 2 -> Thread.currentThread().interrupt();
                default -> {}
            }
        });

        await(3);
    }

    @Test
    @DisplayName("is made by a later write to the store, if none could be made at the start")
    void madeByAWrite() throws UsageStoreException, InterruptedException {
        Store store = TestDatabases.opened(TestDatabases.empty(Database.H2));
        RetentionJob retention = new RetentionJob(store, new Settings(new MapConfig(Map.of())));
        RollupUpkeep rollups = new RollupUpkeep(store, LongSteps.Watch.NONE);
        SchemaUpgrade upgrade = new SchemaUpgrade(store, LongSteps.Watch.NONE);
        retention.start(failing(3));
        rollups.start(failing(3));
        upgrade.start(failing(3));
        assertThat(threads).hasValue(3);

        while (threads.get() < 6) {
            store.write((entities, dialect) -> null);
            Thread.sleep(50);
        }

        retention.stop();
        rollups.stop();
        upgrade.stop();
        store.close();
    }

    @Test
    @DisplayName("ends at the stop, and a statement that holds it up is cancelled")
    void cancelled() {
        AtomicBoolean cancelled = new AtomicBoolean();
        thread.start(failing(0), ticker, () -> {
            while (!cancelled.get()) {
                Thread.onSpinWait();
            }
        });

        assertThat(thread.stop(() -> cancelled.set(true))).isTrue();
    }

    private void await(int run) throws InterruptedException {
        while (runs.get() < run) {
            ticker.advance(Duration.ofSeconds(1));
            thread.ensure();
            Thread.sleep(5);
        }
    }

    /** A factory that cannot make the first threads. JUnit would end all tests at an OutOfMemoryError. */
    private ThreadFactory failing(int first) {
        return task -> {
            if (threads.getAndIncrement() < first) {
                throw new InternalError("unable to create native thread");
            }
            Thread made = new Thread(task);
            made.setDaemon(true);
            made.setUncaughtExceptionHandler((ended, error) -> {});
            last = made;
            return made;
        };
    }
}
