package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import java.net.ConnectException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageRecorderTest {

    private static final StoreUnavailableException OUTAGE =
            new StoreUnavailableException("the store is out of reach", new ConnectException("Connection refused"));
    private static final UsageStoreException REFUSAL =
            new UsageStoreException("the store refused the record", new IllegalStateException("check\nINFO forged"));

    private final CallRecord call = Calls.ok("acme", Instant.EPOCH);
    private final Logger logger = Logger.getLogger(UsageRecorder.class.getName());
    private final List<LogRecord> logged = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(handler);
        assertThat(Thread.interrupted()).isFalse();
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("a record that is stored at once is tried once and leaves no log line")
    @ValueSource(booleans = {true, false})
    void stored(boolean live) {
        ScriptedRepository repository = new ScriptedRepository();

        recorder(repository, live).record(call);

        assertThat(repository.tries).containsExactly("store " + call.id());
        assertThat(logged).isEmpty();
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("a connection failure is tried three times, as a repeat of the same record")
    @ValueSource(booleans = {true, false})
    void outage(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, OUTAGE, OUTAGE, OUTAGE);

        recorder(repository, live).record(call);

        assertThat(repository.tries)
                .containsExactly("store " + call.id(), "storeAgain " + call.id(), "storeAgain " + call.id());
        assertThat(logged).hasSize(1);
        assertThat(logged.get(0).getMessage())
                .contains("tenant=acme", "operation=summarise", "3 attempts", "Connection refused");
        assertThat(logged.get(0).getThrown()).isNull();
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("a store that comes back in time has the record, and nothing is logged")
    @ValueSource(booleans = {true, false})
    void backInTime(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, OUTAGE);

        recorder(repository, live).record(call);

        assertThat(repository.tries).hasSize(3);
        assertThat(logged).isEmpty();
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("any other failure is tried once and is one log line that cannot forge another")
    @ValueSource(booleans = {true, false})
    void refusal(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(REFUSAL);

        recorder(repository, live).record(call);

        assertThat(repository.tries).hasSize(1);
        assertThat(logged).hasSize(1);
        assertThat(logged.get(0).getMessage())
                .contains("tenant=acme", "1 attempt,", "check INFO forged")
                .doesNotContain("\n");
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("a refusal after a connection failure ends the attempts")
    @ValueSource(booleans = {true, false})
    void refusalOnTheRepeat(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, REFUSAL);

        recorder(repository, live).record(call);

        assertThat(repository.tries).hasSize(2);
        assertThat(logged).hasSize(1);
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("even an Error of the store reaches nobody")
    @ValueSource(booleans = {true, false})
    void error(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(new NoClassDefFoundError("a driver's class"));

        recorder(repository, live).record(call);

        assertThat(repository.tries).hasSize(1);
        assertThat(logged).hasSize(1);
        assertThat(logged.get(0).getMessage()).contains("NoClassDefFoundError");
    }

    @ParameterizedTest(name = "@Retry live: {0}")
    @DisplayName("an interrupted thread gets its record and keeps its interrupt, which the store never sees")
    @ValueSource(booleans = {true, false})
    void interrupted(boolean live) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE);
        Thread.currentThread().interrupt();

        recorder(repository, live).record(call);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(repository.tries).hasSize(2);
        assertThat(repository.interruptedDuringATry).isFalse();
        assertThat(logged).isEmpty();
    }

    @Test
    @DisplayName("where fault tolerance gives up early, the recorder makes the attempts that are left")
    void faultToleranceGivesUp() {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, OUTAGE);
        RetriedAttempts givesUp = new RetriedAttempts() {
            private boolean proven;

            @Override
            public void make(Attempt attempt) throws UsageStoreException {
                if (proven) {
                    try {
                        attempt.make();
                    } catch (StoreUnavailableException e) {
                        throw new IllegalStateException("interrupted while waiting");
                    }
                } else {
                    proven = true;
                    new LiveRetry(3).make(attempt);
                }
            }
        };
        UsageRecorder recorder = new UsageRecorder(repository, givesUp);
        assertThat(recorder.proveRetry()).isTrue();
        logged.clear();

        recorder.record(call);

        assertThat(repository.tries).hasSize(3);
        assertThat(logged).isEmpty();
    }

    @ParameterizedTest(name = "{0} attempts")
    @DisplayName("a server that makes other than three attempts is found out, with what to do about it")
    @ValueSource(ints = {1, 2, 6})
    void retryNotLive(int attempts) {
        ScriptedRepository repository = new ScriptedRepository(OUTAGE, OUTAGE, OUTAGE, OUTAGE, OUTAGE, OUTAGE);
        UsageRecorder recorder = new UsageRecorder(repository, new LiveRetry(attempts));

        assertThat(recorder.proveRetry()).isFalse();
        assertThat(logged).hasSize(1);
        assertThat(logged.get(0).getMessage()).contains("@Retry is not live", "on Payara", "on WildFly");

        recorder.record(call);
        assertThat(repository.tries).hasSize(3);
    }

    @Test
    @DisplayName("the waits between the attempts add up to at most 0.3 s")
    void waits() throws NoSuchMethodException {
        Retry retry = RetriedAttempts.class.getMethod("make", Attempt.class).getAnnotation(Retry.class);

        assertThat(retry.maxRetries()).isEqualTo(2);
        assertThat(retry.maxRetries() * (retry.delay() + retry.jitter())).isLessThanOrEqualTo(300);
        assertThat(retry.retryOn()).containsExactly(StoreUnavailableException.class);
        assertThat(2 * RetriedAttempts.WAIT_MILLIS).isLessThanOrEqualTo(300);
    }

    private UsageRecorder recorder(ScriptedRepository repository, boolean live) {
        UsageRecorder recorder = new UsageRecorder(repository, live ? new LiveRetry(3) : new RetriedAttempts());
        assertThat(recorder.proveRetry()).isEqualTo(live);
        logged.clear();
        return recorder;
    }
}
