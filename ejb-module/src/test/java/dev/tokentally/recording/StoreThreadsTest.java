package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("Stopping the threads that talk to the store")
class StoreThreadsTest {

    private final StoreThreads threads = new StoreThreads(Recorders::daemon);
    private final CountDownLatch begun = new CountDownLatch(1);

    @Test
    @DisplayName("waits for a write that has begun")
    void waits() throws InterruptedException {
        AtomicBoolean written = new AtomicBoolean();
        threads.hand(() -> {
            begun.countDown();
            sleep();
            written.set(true);
        });
        begun.await();

        threads.stop(Duration.ofSeconds(30));

        assertThat(written).isTrue();
    }

    @Test
    @DisplayName("does not wait forever for a write that hangs, does not interrupt it, and lets no other write begin")
    void hangs() throws InterruptedException {
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch uninterrupted = new CountDownLatch(1);
        threads.hand(() -> {
            begun.countDown();
            try {
                released.await();
                uninterrupted.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        begun.await();

        threads.stop(Duration.ofMillis(10));

        assertThat(threads.hand(() -> {})).isFalse();
        released.countDown();
        assertThat(uninterrupted.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void sleep() {
        try {
            Thread.sleep(300);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
