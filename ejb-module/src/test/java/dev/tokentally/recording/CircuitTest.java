package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The circuit")
class CircuitTest {

    private final SettableClock clock = new SettableClock();
    private final AtomicLong nanos = new AtomicLong();
    private final Circuit circuit = new Circuit(Path.of("spool"), clock, nanos::get);

    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of(Circuit.class.getName());
    }

    @AfterEach
    void stop() {
        log.close();
    }

    private List<String> logged() {
        return log.lines().stream()
                .map(line -> line.getLevel() + " " + line.getMessage())
                .toList();
    }

    @Test
    @DisplayName("logs once that it opens, and every minute that it is still open, with the current reason")
    void reminds() {
        circuit.open("connection refused");
        circuit.open("connection refused");
        clock.now = clock.now.plusSeconds(59);
        circuit.open("no table");
        clock.now = clock.now.plusSeconds(1);
        circuit.open("no table");
        circuit.open("no table");

        assertThat(logged()).hasSize(2);
        assertThat(logged().get(0)).startsWith("SEVERE The store takes no records: connection refused.");
        assertThat(logged().get(1))
                .isEqualTo("WARNING The store still takes no records, since 1970-01-01T00:00:00Z: no table."
                        + " They wait in spool");
    }

    @Test
    @DisplayName("logs again when it opens again")
    void opensAgain() {
        circuit.open("connection refused");
        assertThat(circuit.close()).isEqualTo(Instant.EPOCH);
        assertThat(circuit.isOpen()).isFalse();
        circuit.open("connection refused");

        assertThat(logged()).hasSize(2).allMatch(line -> line.startsWith("SEVERE The store takes no records: "));
    }

    @Test
    @DisplayName(
            "stays open longer after each late answer, then lets one caller at a time try, and logs all of it as one outage")
    void slow() {
        assertThat(circuit.admits()).isTrue();
        long holdOff = Circuit.HOLD_OFF.first().toNanos();
        for (int times = 0; times < 10; times++) {
            circuit.late("no answer");
            nanos.addAndGet(holdOff - 1);
            assertThat(circuit.mayClose()).isFalse();
            nanos.incrementAndGet();
            assertThat(circuit.mayClose()).isTrue();
            circuit.close();

            assertThat(circuit.admits()).as("the first").isTrue();
            assertThat(circuit.admits()).as("one beside it").isFalse();
            holdOff = Math.min(2 * holdOff, Circuit.HOLD_OFF.longest().toNanos());
        }
        circuit.undecided();
        assertThat(circuit.admits()).as("the next").isTrue();
        circuit.inTime();
        assertThat(circuit.admits()).isTrue();
        assertThat(circuit.admits()).isTrue();

        assertThat(logged()).hasSize(1);
    }

    @Test
    @DisplayName("forgets late answers after a while")
    void forgets() {
        circuit.late("no answer");
        circuit.close();
        nanos.addAndGet(Circuit.HOLD_OFF.first().toNanos() + Circuit.MEMORY_NANOS);
        circuit.late("no answer");
        nanos.addAndGet(Circuit.HOLD_OFF.first().toNanos());

        assertThat(circuit.mayClose()).isTrue();
        assertThat(logged()).hasSize(2);
    }

    private static final class SettableClock extends Clock {

        private Instant now = Instant.EPOCH;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
