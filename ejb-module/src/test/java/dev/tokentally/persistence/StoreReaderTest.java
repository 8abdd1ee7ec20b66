package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.TooManyReportsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("A report that gets no reader of the store")
class StoreReaderTest {

    /** More than may run and wait for one asker. */
    private static final int MANY = 40;

    private final ExecutorService askers = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private StoreReader reader;

    @BeforeEach
    void start() throws Exception {
        reader = new StoreReader(
                TestDatabases.opened(TestDatabases.empty(Database.H2)), new Settings(new MapConfig(Map.of())));
        reader.start(work -> {
            Thread thread = new Thread(work, "reader");
            thread.setDaemon(true);
            return thread;
        });
    }

    @AfterEach
    void stop() {
        end.countDown();
        askers.shutdown();
        reader.stop();
    }

    @Test
    @DisplayName("because the asker's own are being made does not blame the store")
    void busy() throws Exception {
        longReport();
        longReport();

        assertThatThrownBy(() -> reader.read("acme", connection -> 1))
                .isInstanceOf(TooManyReportsException.class)
                .hasMessageContainingAll("busy", "tenant=acme");
        assertThat(reader.<Integer>read("other", connection -> 1)).isEqualTo(1);
    }

    @Test
    @DisplayName("because more of the asker wait than may does not blame the store")
    void full() throws Exception {
        longReport();
        longReport();
        List<Callable<Integer>> many = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            many.add(() -> reader.read("acme", connection -> 1));
        }

        for (Future<Integer> each : askers.invokeAll(many)) {
            assertThatThrownBy(each::get).hasCauseInstanceOf(TooManyReportsException.class);
        }
    }

    @Test
    @DisplayName("because the application stops says so")
    void stopped() {
        reader.stop();

        assertThatThrownBy(() -> reader.read(null, connection -> 1))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage("the application is stopping");
    }

    /** Returns when the store has answered it for the first time. */
    private void longReport() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        askers.submit(() -> reader.read("acme", connection -> {
            begun.countDown();
            return awaited();
        }));
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private boolean awaited() {
        try {
            return end.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
