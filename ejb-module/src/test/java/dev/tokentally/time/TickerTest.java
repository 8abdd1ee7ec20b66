package dev.tokentally.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("A thread that waits by a ticker")
@Timeout(60)
class TickerTest {

    @Test
    @DisplayName("waits for the whole time, even if it is woken or interrupted earlier")
    void wholeTime() throws InterruptedException {
        ManualTicker ticker = ManualTicker.standing();
        Thread thread = new Thread(() -> ticker.sleep(this, Duration.ofSeconds(5), () -> false));
        thread.start();
        while (ticker.waits().isEmpty()) {
            Thread.onSpinWait();
        }

        thread.interrupt();
        ticker.advance(Duration.ofSeconds(4));
        while (ticker.longestWait().compareTo(Duration.ofSeconds(1)) != 0) {
            Thread.onSpinWait();
        }
        assertThat(thread.isAlive()).isTrue();

        ticker.advance(Duration.ofSeconds(1));
        thread.join();
    }

    @Test
    @DisplayName("does not start to wait if it has to stop")
    void stops() {
        ManualTicker ticker = ManualTicker.standing();

        ticker.sleep(this, Duration.ofDays(1), () -> true);

        assertThat(ticker.waits()).isEmpty();
    }
}
