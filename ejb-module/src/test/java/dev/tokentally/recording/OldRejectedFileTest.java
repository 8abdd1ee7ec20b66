package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("rejected.jsonl of an earlier release")
@Timeout(60)
class OldRejectedFileTest {

    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    /** A line as commit b2c1e36 wrote it. */
    static final String LINE =
            "{\"rejected_at\":\"2026-11-20T01:02:03.123456789Z\",\"reason\":\"PSQLException: no_poison\","
                    + "\"id\":\"%s\",\"call_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"tenant_id\":\"O'Reilly \\\"🦊\\\"\","
                    + "\"operation\":\"chat\",\"started_at\":\"2026-11-20T01:02:02.5Z\",\"call_duration_ms\":12,\"first_token_ms\":null,"
                    + "\"provider\":\"openai\",\"model\":\"gpt-4o\",\"input_tokens\":1,\"output_tokens\":2,\"cached_input_tokens\":0,"
                    + "\"cache_write_tokens\":0,\"reasoning_tokens\":0,\"cost_usd\":\"0.1234567891\",\"cost_source\":\"provider\","
                    + "\"status\":\"error\",\"error_class\":\"TimeoutException\"}\n";

    @TempDir
    Path directory;

    @Test
    @DisplayName("is taken over, except for lines that are not records, which stay in the file")
    void takenOver() throws IOException {
        UUID first = UUID.randomUUID();
        UUID second = UUID.randomUUID();
        String torn = LINE.formatted(UUID.randomUUID()).substring(0, 100) + "\n";
        write(LINE.formatted(first) + torn + LINE.formatted(second) + "{}\n\n");
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 20, false));
                CapturedLog log = CapturedLog.of("dev.tokentally.recording")) {
            new OldRejectedFile(spool, CLOCK).takeOver();

            assertThat(spool.rejected().due(NOW, 10))
                    .extracting(each -> each.call().id())
                    .containsExactly(first, second);
            Rejected taken = spool.rejected().list(null, 1).get(0);
            assertThat(taken.rejectedAt()).isEqualTo("2026-11-20T01:02:03.123456Z");
            assertThat(taken.until()).isEqualTo("2026-11-29T06:00:00Z");
            assertThat(taken.reason()).isEqualTo("PSQLException: no_poison");
            CallRecord call = taken.call();
            assertThat(call.tenantId()).isEqualTo("O'Reilly \"🦊\"");
            assertThat(call.costUsd()).isEqualTo(new BigDecimal("0.1234567891"));
            assertThat(call.errorClass()).isEqualTo("TimeoutException");
            assertThat(call.firstToken()).isNull();
            assertThat(spool.directory().resolve("rejected-unreadable.jsonl")).hasContent(torn + "{}\n\n");
            assertThat(log.messages()).anyMatch(line -> line.startsWith("3 lines of rejected.jsonl are not records"));
            assertThat(directory.resolve("rejected.jsonl")).doesNotExist();
            assertThat(spool.directory().resolve("rejected.jsonl")).doesNotExist();
        }
    }

    @Test
    @DisplayName(
            "that is larger than the room for it is taken over in portions, which leave room for other refused records")
    void inPortions() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            lines.append(LINE.formatted(new UUID(0, i)));
        }
        write(lines.toString());
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 20, false))) {
            OldRejectedFile old = new OldRejectedFile(spool, CLOCK);
            int stored = 0;
            old.takeOver();
            List<CallRecord> refused = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                refused.add(Calls.ok("acme", NOW));
                assertThat(spool.rejected().add(refused.get(i), "not you", NOW))
                        .as("dropped")
                        .isEmpty();
            }
            refused.forEach(call -> spool.rejected().stored(call.id()));
            for (int round = 0; round < 20 && stored < 300; round++) {
                old.takeOver();
                old.takeOver();
                for (Rejected each : spool.rejected().due(NOW, 1000)) {
                    assertThat(each.call().id()).isEqualTo(new UUID(0, stored));
                    spool.rejected().stored(each.call().id());
                    stored++;
                }
                assertThat(spool.directory().resolve("rejected.jsonl").toFile().exists())
                        .isEqualTo(stored < 300);
            }
            assertThat(stored).isEqualTo(300);
        }
    }

    @Test
    @DisplayName("is taken over at the start, and its records are stored")
    void atStart() throws IOException {
        write(LINE.formatted(UUID.randomUUID()) + LINE.formatted(UUID.randomUUID()));
        ScriptedRepository repository = new ScriptedRepository();
        SpooledRecorder recorder = Recorders.of(repository, Map.of());
        recorder.open(directory);
        recorder.start(Recorders::daemon);
        try {
            Recorders.await(() -> repository.stored.size() == 2);
            Recorders.await(() -> recorder.status().rejected() == 0);
        } finally {
            recorder.stop();
        }
    }

    private void write(String lines) throws IOException {
        Files.writeString(directory.resolve("rejected.jsonl"), lines, StandardCharsets.UTF_8);
    }
}
