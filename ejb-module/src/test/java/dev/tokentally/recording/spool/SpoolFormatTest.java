package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads, without the product's code, what docs/spool-format.md describes: a new release must be able to read the files of
 * the release before.
 */
@DisplayName("The spool's files are as docs/spool-format.md says:")
class SpoolFormatTest {

    private static final Instant STARTED_AT = Instant.parse("2026-10-25T01:30:00.123456Z");

    @TempDir
    Path directory;

    @Test
    @DisplayName("a segment has a header and a frame for each record")
    void segment() throws IOException {
        CallRecord ok = Calls.ok("東京", STARTED_AT);
        CallRecord failed = Calls.failed("acme", STARTED_AT);
        try (Spool spool = open()) {
            spool.append(ok);
            spool.append(failed);
        }

        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(slot().resolve("0000000000000000001.spool")));

        byte[] header = take(file, 12);
        assertThat(header).isEqualTo(new byte[] {'T', 'O', 'K', 'E', 'N', 'T', 'L', 'Y', 0, 0, 0, 2});
        assertThat(file.getInt()).isEqualTo(crc(header));
        assertThatIs(payload(file), ok);
        assertThatIs(payload(file), failed);
        assertThat(file.hasRemaining()).isFalse();
    }

    @Test
    @DisplayName("the position has a segment's number, an offset and their checksum")
    void position() throws IOException {
        try (Spool spool = open()) {
            Spools.append(spool, 2);
            spool.done(spool.next(1).orElseThrow());
        }
        byte[] segment = Files.readAllBytes(slot().resolve("0000000000000000001.spool"));

        ByteBuffer position = ByteBuffer.wrap(Files.readAllBytes(slot().resolve("position")));

        assertThat(position.capacity()).isEqualTo(20);
        assertThat(position.getLong()).isEqualTo(1);
        assertThat(position.getLong()).isEqualTo(16 + (segment.length - 16) / 2);
        assertThat(position.getInt()).isEqualTo(crc(Arrays.copyOf(position.array(), 16)));
    }

    private static ByteBuffer payload(ByteBuffer file) {
        assertThat(take(file, 4)).isEqualTo(new byte[] {0x7F, 0x54, 0x4B, 0x0A});
        int length = file.getInt();
        int checksum = file.getInt();
        ByteBuffer summed = ByteBuffer.allocate(4 + length).putInt(length);
        byte[] payload = take(file, length);
        assertThat(checksum).isEqualTo(crc(summed.put(payload).array()));
        return ByteBuffer.wrap(payload);
    }

    private static void assertThatIs(ByteBuffer payload, CallRecord call) {
        assertThat(new UUID(payload.getLong(), payload.getLong())).isEqualTo(call.id());
        assertThat(new UUID(payload.getLong(), payload.getLong())).isEqualTo(call.callId());
        assertThat(text(payload)).isEqualTo(call.tenantId());
        assertThat(text(payload)).isEqualTo(call.operation());
        assertThat(payload.getLong()).isEqualTo(call.startedAt().getEpochSecond());
        assertThat(payload.getInt()).isEqualTo(call.startedAt().getNano());
        assertThat(payload.getLong()).isEqualTo(call.callDuration().toMillis());
        assertThat(payload.getLong())
                .isEqualTo(call.firstToken() == null ? -1 : call.firstToken().toMillis());
        assertThat(text(payload)).isEqualTo(call.provider());
        assertThat(text(payload)).isEqualTo(call.model());
        assertThat(payload.getInt()).isEqualTo(call.tokens().input());
        assertThat(payload.getInt()).isEqualTo(call.tokens().output());
        assertThat(payload.getInt()).isEqualTo(call.tokens().cachedInput());
        assertThat(payload.getInt()).isEqualTo(call.tokens().cacheWrite());
        assertThat(payload.getInt()).isEqualTo(call.tokens().reasoning());
        assertThat(text(payload)).isEqualTo(call.costUsd().toPlainString());
        assertThat(text(payload)).isEqualTo(call.costSource().label());
        assertThat(text(payload)).isEqualTo(call.status().label());
        assertThat(text(payload)).isEqualTo(call.errorClass());
        assertThat(payload.hasRemaining()).isFalse();
    }

    private static String text(ByteBuffer payload) {
        int length = Short.toUnsignedInt(payload.getShort());
        return length == 65535 ? null : new String(take(payload, length), StandardCharsets.UTF_8);
    }

    private static byte[] take(ByteBuffer from, int length) {
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private Spool open() throws IOException {
        return Spool.open(new SpoolOptions(directory, 1 << 20, false));
    }

    private Path slot() {
        return directory.resolve("1");
    }
}
