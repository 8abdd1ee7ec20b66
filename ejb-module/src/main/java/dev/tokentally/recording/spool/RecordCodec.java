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

    /** Two ids, an instant, two durations, five counts, and the lengths of eight texts. */
    private static final int FIXED_BYTES =
            2 * 2 * Long.BYTES + Long.BYTES + Integer.BYTES + 2 * Long.BYTES + 5 * Integer.BYTES + 8 * Short.BYTES;

    private static final int NO_TEXT = 0xFFFF;
    private static final long NO_DURATION = -1;

    private RecordCodec() {}

    /** Made at its size: a buffer for the largest possible one, for each call, costs more to clear than to fill. */
    static byte[] encode(CallRecord call) {
        byte[] tenantId = utf8(call.tenantId());
        byte[] operation = utf8(call.operation());
        byte[] provider = utf8(call.provider());
        byte[] model = utf8(call.model());
        byte[] costUsd = utf8(call.costUsd().toPlainString());
        byte[] costSource = utf8(call.costSource().label());
        byte[] status = utf8(call.status().label());
        byte[] errorClass = call.errorClass() == null ? null : utf8(call.errorClass());
        ByteBuffer bytes = ByteBuffer.allocate(FIXED_BYTES
                + tenantId.length
                + operation.length
                + provider.length
                + model.length
                + costUsd.length
                + costSource.length
                + status.length
                + (errorClass == null ? 0 : errorClass.length));
        putId(bytes, call.id());
        putId(bytes, call.callId());
        putText(bytes, tenantId);
        putText(bytes, operation);
        bytes.putLong(call.startedAt().getEpochSecond());
        bytes.putInt(call.startedAt().getNano());
        bytes.putLong(call.callDuration().toMillis());
        bytes.putLong(
                call.firstToken() == null ? NO_DURATION : call.firstToken().toMillis());
        putText(bytes, provider);
        putText(bytes, model);
        bytes.putInt(call.tokens().input());
        bytes.putInt(call.tokens().output());
        bytes.putInt(call.tokens().cachedInput());
        bytes.putInt(call.tokens().cacheWrite());
        bytes.putInt(call.tokens().reasoning());
        putText(bytes, costUsd);
        putText(bytes, costSource);
        putText(bytes, status);
        putText(bytes, errorClass);
        return bytes.array();
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

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void putText(ByteBuffer bytes, byte[] utf8) {
        if (utf8 == null) {
            bytes.putShort((short) NO_TEXT);
            return;
        }
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
