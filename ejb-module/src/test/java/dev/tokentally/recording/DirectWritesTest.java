package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.recording.Circuit.Pass;
import dev.tokentally.usage.Calls;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A write that ends with an Error")
class DirectWritesTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Circuit circuit = new Circuit(Path.of("spool"), Clock.systemUTC(), nanos::get);
    private final ScriptedRepository repository = new ScriptedRepository(new StackOverflowError());
    private CapturedLog log;

    @BeforeEach
    void listen() {
        log = CapturedLog.of(Circuit.class.getName());
    }

    @AfterEach
    void stop() {
        log.close();
    }

    @Test
    @DisplayName("lets the next caller try a store that was slow")
    void trial() {
        circuit.late(Pass.FREE, "it was slow");
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        circuit.close();

        writeHere();

        assertThat(circuit.admit()).isEqualTo(Pass.TRIAL);
    }

    @Test
    @DisplayName("lets the next caller without room in the spool try a store that does not answer")
    void probe() {
        circuit.open("it is out of reach");
        circuit.inVain(Pass.FREE);

        writeHere();

        assertThat(circuit.admitWithoutSpool()).isEqualTo(Pass.PROBE);
    }

    @Test
    @DisplayName("on a thread of its own says nothing about the store, which may still give no answer")
    void onOwnThread() throws InterruptedException {
        StoreThreads threads = new StoreThreads(Recorders::daemon);
        circuit.open("it is out of reach");
        circuit.inVain(Pass.FREE);

        boolean stored = write(threads).writeWithoutSpool();

        assertThat(stored).isFalse();
        assertThat(repository.tries).hasSize(1);
        assertThat(circuit.admitWithoutSpool()).isEqualTo(Pass.PROBE);
        threads.stop(Duration.ofSeconds(10));
    }

    private void writeHere() {
        DirectWrites.DirectWrite write = write(new StoreThreads(Thread::new));

        assertThatThrownBy(write::writeHere).isInstanceOf(StackOverflowError.class);
    }

    private DirectWrites.DirectWrite write(StoreThreads threads) {
        DirectWrites writes = new DirectWrites(
                repository,
                new DirectWrites.RetryPolicy(new LiveRetry(RetriedAttempts.MAX_ATTEMPTS), new GuardedAttempts(), true),
                circuit,
                threads,
                Duration.ofSeconds(10),
                nanos::get,
                () -> {});
        return writes.of(Calls.ok("acme", Instant.EPOCH));
    }
}
