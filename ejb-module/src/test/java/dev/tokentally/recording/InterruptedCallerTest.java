package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.time.Ticker;
import dev.tokentally.usage.Calls;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("A caller that is interrupted while its record has no place but the store")
class InterruptedCallerTest {

    private static final Duration MAX_WAIT = Duration.ofMillis(200);

    private final StoreThreads threads = new StoreThreads(Recorders::daemon);
    private final AtomicInteger hurries = new AtomicInteger();
    private final Waits waits = new Waits();

    @AfterEach
    void stop() throws InterruptedException {
        threads.stop(Duration.ofSeconds(10));
    }

    @Test
    @DisplayName("waits for a store that is not ready, instead of looking again at once, and stays interrupted")
    void notReady() {
        DirectWrites writes = new DirectWrites(
                new UnpreparedRepository(),
                new DirectWrites.RetryPolicy(new LiveRetry(RetriedAttempts.MAX_ATTEMPTS), new GuardedAttempts(), true),
                new Circuit(Path.of("spool"), Clock.systemUTC(), waits),
                threads,
                MAX_WAIT,
                waits,
                hurries::incrementAndGet);
        DirectWrites.DirectWrite write = writes.of(Calls.ok("acme", Instant.EPOCH));
        Thread.currentThread().interrupt();

        boolean stored = write.writeWithoutSpool();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(stored).isFalse();
        assertThat(waits.whileInterrupted).isNotEmpty().containsOnly(false);
        assertThat(hurries.get()).isEqualTo(waits.whileInterrupted.size());
    }

    /** Each wait lasts as long as it may. Remembers whether the thread was interrupted, since it could not wait then. */
    private static final class Waits implements Ticker {

        private final List<Boolean> whileInterrupted = new ArrayList<>();
        private final AtomicLong nanos = new AtomicLong();

        @Override
        public long nanoTime() {
            return nanos.get();
        }

        @Override
        public void park(Object blocker, long atMost) {
            whileInterrupted.add(Thread.currentThread().isInterrupted());
            nanos.addAndGet(atMost);
        }
    }
}
