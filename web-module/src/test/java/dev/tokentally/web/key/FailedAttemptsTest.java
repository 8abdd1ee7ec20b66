package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.web.MapConfig;
import dev.tokentally.web.key.FailedAttempt.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Requests without a right key")
class FailedAttemptsTest {

    private static final ClientAddress ALICE = ClientAddress.of("192.0.2.1");
    private static final ClientAddress BOB = ClientAddress.of("192.0.2.2");

    /** The clock is near its end, because a clock that never goes back may begin anywhere. */
    private long now = Long.MAX_VALUE - Duration.ofSeconds(10).toNanos();

    private final FailedAttempts attempts = new FailedAttempts(20, () -> now);

    @Test
    @DisplayName("are allowed 20 times at once, and then once every three seconds")
    void limit() {
        for (int i = 0; i < 20; i++) {
            assertThat(attempts.from(ALICE).isOneTooMany()).as("attempt %d", i).isFalse();
        }
        assertThat(attempts.from(ALICE).isOneTooMany()).isTrue();

        after("PT2.999999999S");
        assertThat(attempts.from(ALICE).isOneTooMany()).isTrue();
        after("PT0.000000001S");
        assertThat(attempts.from(ALICE).isOneTooMany()).isFalse();
        assertThat(attempts.from(ALICE).isOneTooMany()).isTrue();
    }

    @Test
    @DisplayName("are all forgotten after a minute, however many there were")
    void forgotten() {
        from(ALICE, 1000);
        after("PT1M");

        assertThat(from(ALICE, 20)).noneMatch(FailedAttempt::isOneTooMany);
        assertThat(attempts.from(ALICE).isOneTooMany()).isTrue();
    }

    @Test
    @DisplayName("are told to wait for at least one whole second, and long enough")
    void retryAfter() {
        from(ALICE, 20);

        assertThat(attempts.from(ALICE).retryAfterSeconds()).isEqualTo(3);
        after("PT0.5S");
        assertThat(attempts.from(ALICE).retryAfterSeconds()).isEqualTo(3);
        after("PT0.5S");
        assertThat(attempts.from(ALICE).retryAfterSeconds()).isEqualTo(2);
        after("PT1.9S");
        FailedAttempt last = attempts.from(ALICE);
        assertThat(last.retryAfterSeconds()).isEqualTo(1);
        after("PT" + last.retryAfterSeconds() + "S");
        assertThat(attempts.from(ALICE).isOneTooMany()).isFalse();
    }

    @Test
    @DisplayName("are counted separately for each address, and for IPv6 by its first 64 bits")
    void perAddress() {
        from(ALICE, 100);
        assertThat(attempts.from(BOB).isOneTooMany()).isFalse();

        for (int i = 0; i < 20; i++) {
            attempts.from(ClientAddress.of("2001:db8:0:1::" + Integer.toHexString(i)));
        }
        assertThat(attempts.from(ClientAddress.of("2001:db8:0:1:ffff::")).isOneTooMany())
                .isTrue();
        assertThat(attempts.from(ClientAddress.of("2001:db8:0:2::")).isOneTooMany())
                .isFalse();
    }

    @Test
    @DisplayName("are never refused if they have no key and do not count as wrong keys, but they do not fill the log")
    void withoutKey() {
        for (int i = 0; i < 1000; i++) {
            FailedAttempt attempt = attempts.withoutKeyFrom(ALICE);

            assertThat(attempt.isOneTooMany()).isFalse();
            assertThat(attempt.line())
                    .isEqualTo(i < 20 ? Line.ATTEMPT : i == 20 ? Line.ADDRESS_HAS_TOO_MANY : Line.NONE);
        }
        assertThat(from(ALICE, 20)).noneMatch(FailedAttempt::isOneTooMany);
        assertThat(attempts.from(ALICE).isOneTooMany()).isTrue();
    }

    @Test
    @DisplayName("are each logged up to the limit, then once more, and then not while they go on")
    void lines() {
        assertThat(from(ALICE, 20)).extracting(FailedAttempt::line).containsOnly(Line.ATTEMPT);
        assertThat(attempts.from(ALICE).line()).isEqualTo(Line.ADDRESS_HAS_TOO_MANY);

        // One key a second for an hour: every third is answered with 401 again.
        int notTooMany = 0;
        for (int i = 0; i < 3600; i++) {
            after("PT1S");
            FailedAttempt attempt = attempts.from(ALICE);
            assertThat(attempt.line()).isEqualTo(Line.NONE);
            notTooMany += attempt.isOneTooMany() ? 0 : 1;
        }
        assertThat(notTooMany).isEqualTo(1200);
    }

    @Test
    @DisplayName("are logged again after a quiet minute, with the number of requests that were not logged")
    void linesAgain() {
        from(ALICE, 520);
        after("PT1M");

        assertThat(attempts.from(ALICE)).isEqualTo(new FailedAttempt(0, Line.ATTEMPT, 499));
        assertThat(attempts.from(ALICE)).isEqualTo(new FailedAttempt(0, Line.ATTEMPT, 0));
    }

    @Test
    @DisplayName("are logged for one address while another address has reached its limit")
    void linesOfAnother() {
        from(ALICE, 100);

        assertThat(attempts.from(BOB).line()).isEqualTo(Line.ATTEMPT);
    }

    @Test
    @DisplayName("from ever new addresses can fill neither the log nor the memory")
    void manyAddresses() {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < 65_536; i++) {
            lines.add(attempts.from(ClientAddress.of("2001:db8:0:" + Integer.toHexString(i) + "::1"))
                    .line());
        }

        assertThat(attempts.sources()).isEqualTo(FailedAttempts.MOST_SOURCES);
        assertThat(Collections.frequency(lines, Line.ATTEMPT)).isEqualTo(FailedAttempts.MOST_LINES);
        assertThat(Collections.frequency(lines, Line.ALL_HAVE_TOO_MANY)).isEqualTo(1);
        assertThat(lines.get(FailedAttempts.MOST_LINES)).isEqualTo(Line.ALL_HAVE_TOO_MANY);

        after("PT10M");
        assertThat(attempts.from(ALICE))
                .isEqualTo(new FailedAttempt(0, Line.ATTEMPT, 65_536 - FailedAttempts.MOST_LINES - 1));
    }

    @Test
    @DisplayName("are forgotten first for the address that has been quiet longest if there are too many addresses")
    void leastRecent() {
        from(ALICE, 21);
        from(BOB, 21);
        for (int i = 0; i < FailedAttempts.MOST_SOURCES - 1; i++) {
            attempts.from(ClientAddress.of("10.0." + i / 256 + "." + i % 256));
            attempts.from(ALICE);
        }

        assertThat(attempts.sources()).isEqualTo(FailedAttempts.MOST_SOURCES);
        assertThat(attempts.from(ALICE).isOneTooMany()).isTrue();
        assertThat(attempts.from(BOB).isOneTooMany()).isFalse();
    }

    @Test
    @DisplayName("are counted correctly by many threads")
    void threads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Long> burst = () -> from(ALICE, 1000).stream()
                    .filter(attempt -> !attempt.isOneTooMany())
                    .count();
            long allowed = 0;
            for (Future<Long> each : threads.invokeAll(Collections.nCopies(8, burst))) {
                allowed += each.get();
            }

            assertThat(allowed).isEqualTo(20);
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1_000_000})
    @DisplayName("are allowed as often as configured")
    void configured(int allowed) {
        FailedAttempts configured = configured(Integer.toString(allowed));
        FailedAttempts still = new FailedAttempts(configured.allowed(), () -> now);

        for (int i = 0; i < allowed; i++) {
            assertThat(still.from(ALICE).isOneTooMany()).isFalse();
        }
        assertThat(still.from(ALICE).isOneTooMany()).isTrue();
    }

    @Test
    @DisplayName("are allowed 100 times by default, and a wrong number stops the deployment")
    void setting() {
        assertThat(new FailedAttempts(new MapConfig(Map.of())).allowed()).isEqualTo(100);
        assertThatThrownBy(() -> configured("0"))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.api.failed-attempts");
    }

    private static FailedAttempts configured(String allowed) {
        return new FailedAttempts(new MapConfig(Map.of("tokentally.api.failed-attempts", allowed)));
    }

    private List<FailedAttempt> from(ClientAddress address, int times) {
        List<FailedAttempt> counted = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            counted.add(attempts.from(address));
        }
        return counted;
    }

    private void after(String time) {
        now += Duration.parse(time).toNanos();
    }
}
