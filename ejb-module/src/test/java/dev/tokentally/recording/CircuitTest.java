package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.recording.Circuit.Pass;
import dev.tokentally.time.BackOff;
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
        assertThat(circuit.admit()).isEqualTo(Pass.FREE);
        long holdOff = Circuit.HOLD_OFF.first().toNanos();
        for (int times = 0; times < 10; times++) {
            circuit.late(Pass.FREE, "no answer");
            nanos.addAndGet(holdOff - 1);
            assertThat(circuit.mayClose()).isFalse();
            nanos.incrementAndGet();
            assertThat(circuit.mayClose()).isTrue();
            circuit.close();

            assertThat(circuit.admit()).as("the first").isEqualTo(Pass.TRIAL);
            assertThat(circuit.admit()).as("one beside it").isEqualTo(Pass.NONE);
            holdOff = Math.min(2 * holdOff, Circuit.HOLD_OFF.longest().toNanos());
        }
        circuit.undecided(Pass.FREE);
        assertThat(circuit.admit()).as("one that gives nothing back").isEqualTo(Pass.NONE);
        circuit.undecided(Pass.TRIAL);
        assertThat(circuit.admit()).as("the next").isEqualTo(Pass.TRIAL);
        circuit.inTime(Pass.TRIAL);
        assertThat(circuit.admit()).isEqualTo(Pass.FREE);

        assertThat(logged()).hasSize(1);
    }

    @Test
    @DisplayName(
            "lets callers without room in the spool write while it is open, but one at a time after one had no quick answer")
    void withoutSpool() {
        circuit.open("connection refused");
        assertThat(circuit.admit()).isEqualTo(Pass.NONE);
        assertThat(circuit.admitWithoutSpool()).isEqualTo(Pass.FREE);
        circuit.answered(Pass.FREE);
        assertThat(circuit.admitWithoutSpool()).isEqualTo(Pass.FREE);

        circuit.late(Pass.FREE, "no answer");
        for (int times = 0; times < 10; times++) {
            if (times > 0) {
                assertThat(circuit.admitWithoutSpool()).as("at once").isEqualTo(Pass.NONE);
                nanos.addAndGet(BackOff.STORE.after(times).toNanos());
            }
            assertThat(circuit.admitWithoutSpool()).as("the first").isEqualTo(Pass.PROBE);
            assertThat(circuit.admitWithoutSpool()).as("one beside it").isEqualTo(Pass.NONE);
            circuit.late(Pass.FREE, "no answer");
            if (times % 2 == 0) {
                circuit.late(Pass.PROBE, "no answer");
            } else {
                circuit.inVain(Pass.PROBE);
            }
        }
        circuit.probeSoon();
        assertThat(circuit.admitWithoutSpool()).as("after the drainer's answer").isEqualTo(Pass.PROBE);
        circuit.undecided(Pass.PROBE);
        assertThat(circuit.admitWithoutSpool()).as("the next").isEqualTo(Pass.PROBE);
        circuit.failed(Pass.PROBE);
        assertThat(circuit.admitWithoutSpool()).as("after a quick failure").isEqualTo(Pass.PROBE);
        assertThat(circuit.admitWithoutSpool()).as("one beside it").isEqualTo(Pass.NONE);
        circuit.answered(Pass.PROBE);
        assertThat(circuit.admitWithoutSpool()).isEqualTo(Pass.FREE);
        assertThat(circuit.admitWithoutSpool()).isEqualTo(Pass.FREE);
        assertThat(circuit.admit()).isEqualTo(Pass.NONE);
    }

    @Test
    @DisplayName("lets callers without room in the spool write as soon as the drainer has stored something quickly")
    void drainerStores() {
        circuit.late(Pass.FREE, "no answer");
        assertThat(circuit.close()).isNotNull();
        assertThat(circuit.admit()).isEqualTo(Pass.TRIAL);
        circuit.answered();

        assertThat(circuit.admit()).isEqualTo(Pass.NONE);
        assertThat(circuit.admitWithoutSpool()).isEqualTo(Pass.FREE);
        assertThat(circuit.admitWithoutSpool()).isEqualTo(Pass.FREE);
    }

    @Test
    @DisplayName("forgets late answers after a while")
    void forgets() {
        circuit.late(Pass.FREE, "no answer");
        circuit.close();
        nanos.addAndGet(Circuit.HOLD_OFF.first().toNanos() + Circuit.MEMORY_NANOS);
        circuit.late(Pass.FREE, "no answer");
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
