package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.text.Summary;
import dev.tokentally.time.ManualTicker;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.StoreUnavailableException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Records that are set aside and due")
@Timeout(60)
class SetAsideTest {

    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final Instant BEFORE = NOW.minusSeconds(10);
    private static final long MAX_BYTES = 1 << 24;

    @TempDir
    Path directory;

    private final ManualTicker ticker = ManualTicker.standing();
    private final ScriptedRepository repository = new ScriptedRepository();
    private final StoreThreads threads = new StoreThreads(Recorders::daemon);
    private Spool spool;
    private SetAside setAside;

    @BeforeEach
    void open() throws IOException {
        spool = Spool.open(new SpoolOptions(directory, MAX_BYTES, false));
        setAside = setAside(ticker);
    }

    private SetAside setAside(Ticker time) {
        StoreLink store = new StoreLink(
                spool,
                repository,
                Drainers.circuit(spool, time),
                threads,
                CLOCK,
                time,
                new StoreLink.Times(Duration.ofSeconds(1), StoreLink.ANSWER));
        System.Logger log = System.getLogger(SetAsideTest.class.getName());
        Summary summary = new Summary(log, "records", Level.ERROR, time::nanoTime);
        Summary dropped = new Summary(log, "records", Level.ERROR, time::nanoTime);
        return new SetAside(spool, store, CLOCK, time, summary, dropped);
    }

    @AfterEach
    void close() throws Exception {
        threads.stop(Duration.ofSeconds(10));
        spool.close();
    }

    @Test
    @DisplayName(
            "are stored although another transaction is in the way of one of them, which waits for longer and longer")
    void conflict() throws IOException {
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            calls.add(Calls.ok("acme", BEFORE));
            spool.rejected().add(calls.get(i), "not you", BEFORE);
        }
        repository.locked.add(calls.get(3).id());

        for (int i = 0; i < 50; i++) {
            setAside.retry();
        }

        assertThat(repository.stored).hasSize(9);
        assertThat(repository.tries).hasSizeLessThan(10);
        assertThat(spool.rejected().list(null, 10)).singleElement().satisfies(left -> {
            assertThat(left.call()).isEqualTo(calls.get(3));
            assertThat(left.tries()).isEqualTo(1);
            assertThat(left.nextTry()).isAfter(NOW);
            assertThat(left.reason()).contains("another transaction");
        });
    }

    @Test
    @DisplayName("came too late and are counted later, if the store could not count them at once")
    void countedLater() throws IOException {
        repository.fail(1, new IllegalStateException("no right to count"));

        setAside.addTooOld(tooLate(Calls.ok("acme", BEFORE), Calls.ok("acme", BEFORE)));
        assertThat(repository.tooOld).hasValue(0);
        setAside.retry();
        assertThat(repository.tooOld).hasValue(0);
        ticker.advance(Duration.ofSeconds(10));
        setAside.retry();
        ticker.advance(Duration.ofSeconds(10));
        setAside.retry();

        assertThat(repository.tooOld).hasValue(2);
    }

    @Test
    @DisplayName("came too late and are counted once, although the process was killed before they had left the spool")
    void countedOnce() throws IOException {
        CallRecord first = Calls.ok("acme", BEFORE);
        CallRecord second = Calls.ok("acme", BEFORE);
        setAside.addTooOld(tooLate(first));

        setAside.addTooOld(tooLate(first, second));

        assertThat(repository.tooOld).hasValue(2);
        assertThat(spool.rejected().list(null, 10)).extracting(Rejected::call).containsExactlyInAnyOrder(first, second);
    }

    @Test
    @DisplayName("stay set aside if memory is short while they wait for the next attempt")
    void shortOfMemory() throws IOException {
        spool.rejected().add(Calls.ok("acme", BEFORE), "not you", BEFORE);
        repository.down = new StoreUnavailableException("away", null);

        boolean well = setAside(new ShortOfMemory()).retry();

        assertThat(well).isFalse();
        assertThat(spool.rejected().count()).isEqualTo(1);
    }

    @Test
    @DisplayName("take as many bytes as the log says when the oldest of them is dropped")
    void limit() throws IOException {
        Path file = spool.directory().resolve("rejected.log");
        setAside.add(refused(1));
        long headerAndOne = Files.size(file);
        setAside.add(refused(1));
        long one = Files.size(file) - headerAndOne;

        try (CapturedLog log = CapturedLog.of(SetAsideTest.class.getName())) {
            setAside.add(refused(5_000));

            String line = log.messages().stream()
                    .filter(each -> each.contains("refused records have reached their limit"))
                    .findFirst()
                    .orElseThrow();
            long limit = Long.parseLong(line.replaceFirst(".* have reached their limit, ([0-9]+) bytes.*", "$1"));
            long fit = limit / one;
            assertThat(spool.rejected().count()).isEqualTo(fit).isLessThan(5_000);
            assertThat(limit).isEqualTo(MAX_BYTES / 20);
            assertThat(line).contains("a twentieth of tokentally.spool.max-bytes");
        }
    }

    private static Map<CallRecord, String> refused(int count) {
        Map<CallRecord, String> reasons = new HashMap<>();
        for (int i = 0; i < count; i++) {
            reasons.put(Calls.ok("acme", BEFORE), "not you");
        }
        return reasons;
    }

    private static Map<CallRecord, String> tooLate(CallRecord... calls) {
        Map<CallRecord, String> reasons = new HashMap<>();
        for (CallRecord call : calls) {
            reasons.put(call, "calls of its time were dropped");
        }
        return reasons;
    }
}
