package dev.tokentally.recording.spool;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.math.BigDecimal;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** A record as the payload of a frame, both ways; docs/spool-format.md describes it. */
final class RecordCodec {

    /** Larger than the fixed fields and every text at its longest, of three bytes a character. */
    static final int MAX_BYTES = 4096;

    /** The fields without the texts that may be long, these with room to spare. */
    private static final int SHORT_BYTES = 192;

    private static final int NO_TEXT = 0xFFFF;
    private static final long NO_DURATION = -1;

    private RecordCodec() {}

    static byte[] encode(CallRecord call) {
        ByteBuffer bytes = ByteBuffer.allocate(room(call));
        putId(bytes, call.id());
        putId(bytes, call.callId());
        putText(bytes, call.tenantId());
        putText(bytes, call.operation());
        bytes.putLong(call.startedAt().getEpochSecond());
        bytes.putInt(call.startedAt().getNano());
        bytes.putLong(call.callDuration().toMillis());
        bytes.putLong(
                call.firstToken() == null ? NO_DURATION : call.firstToken().toMillis());
        putText(bytes, call.provider());
        putText(bytes, call.model());
        bytes.putInt(call.tokens().input());
        bytes.putInt(call.tokens().output());
        bytes.putInt(call.tokens().cachedInput());
        bytes.putInt(call.tokens().cacheWrite());
        bytes.putInt(call.tokens().reasoning());
        putText(bytes, call.costUsd().toPlainString());
        putText(bytes, call.costSource().label());
        putText(bytes, call.status().label());
        putText(bytes, call.errorClass());
        byte[] payload = new byte[bytes.position()];
        bytes.flip().get(payload);
        return payload;
    }

    /** Enough, and mostly a twentieth of the most: to clear memory and to bring it into the cache is half of an append. */
    private static int room(CallRecord call) {
        int characters = call.tenantId().length()
                + call.operation().length()
                + call.provider().length()
                + call.model().length()
                + (call.errorClass() == null ? 0 : call.errorClass().length());
        return SHORT_BYTES + 3 * characters;
    }

    /**
     * Reads a payload back.
     *
     * @throws IllegalArgumentException when it is none
     */
    static CallRecord decode(ByteBuffer bytes) {
        try {
            return new CallRecord(
                    id(bytes),
                    id(bytes),
                    text(bytes),
                    text(bytes),
                    Instant.ofEpochSecond(bytes.getLong(), bytes.getInt()),
                    Duration.ofMillis(bytes.getLong()),
                    duration(bytes.getLong()),
                    text(bytes),
                    text(bytes),
                    new TokenCounts(bytes.getInt(), bytes.getInt(), bytes.getInt(), bytes.getInt(), bytes.getInt()),
                    new BigDecimal(text(bytes)),
                    CostSource.ofLabel(text(bytes)),
                    CallStatus.ofLabel(text(bytes)),
                    text(bytes));
        } catch (BufferUnderflowException | NullPointerException | DateTimeException | ArithmeticException notARecord) {
            throw new IllegalArgumentException("not the payload of a record", notARecord);
        }
    }

    private static void putId(ByteBuffer bytes, UUID id) {
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static UUID id(ByteBuffer bytes) {
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    private static void putText(ByteBuffer bytes, String text) {
        if (text == null) {
            bytes.putShort((short) NO_TEXT);
            return;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes.putShort((short) utf8.length).put(utf8);
    }

    private static String text(ByteBuffer bytes) {
        int length = Short.toUnsignedInt(bytes.getShort());
        if (length == NO_TEXT) {
            return null;
        }
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        String text = new String(bytes.array(), bytes.arrayOffset() + bytes.position(), length, StandardCharsets.UTF_8);
        bytes.position(bytes.position() + length);
        return text;
    }

    private static Duration duration(long millis) {
        return millis == NO_DURATION ? null : Duration.ofMillis(millis);
    }
}
