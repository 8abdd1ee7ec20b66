package dev.tokentally.recording.spool;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import java.math.BigDecimal;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Turns a record into the payload of a frame, and back; docs/spool-format.md describes it. The payload begins with the columns of
 * the first release, in that release's layout. Later columns follow by their names. So a newer release reads the records of an
 * older one, and an older release reads those of a newer one.
 */
final class RecordCodec {

    /** The largest payload that a reader accepts. The largest record needs less than half of it. */
    static final int MAX_BYTES = 0xFFFF;

    /** The length of a text has two bytes. The largest value means null. */
    private static final int NO_TEXT = 0xFFFF;

    private static final long NO_LONG = -1;

    /** In the order of {@link CallColumn#ALL}; the layout of these is never changed. */
    private static final List<CallColumn<?>> FIRST = CallColumn.FIRST_RELEASE;

    private static final List<CallColumn<?>> LATER = CallColumn.ALL.subList(FIRST.size(), CallColumn.ALL.size());
    private static final Map<String, CallColumn<?>> LATER_BY_NAME = new HashMap<>();

    static {
        LATER.forEach(column -> LATER_BY_NAME.put(column.columnName(), column));
    }

    private RecordCodec() {}

    static byte[] encode(CallRecord call) {
        return encode(call, Map.of());
    }

    /**
     * Makes the buffer at the record's size. A buffer for the largest record would cost more to clear than to fill, at each call.
     *
     * @param more more values that are kept with the record, by names that no column has
     */
    static byte[] encode(CallRecord call, Map<String, String> more) {
        List<byte[]> texts = new ArrayList<>(12);
        int size = 0;
        for (CallColumn<?> column : FIRST) {
            switch (column.type()) {
                case UUID -> size += 2 * Long.BYTES;
                case INSTANT -> size += Long.BYTES + Integer.BYTES;
                case LONG -> size += Long.BYTES;
                case INTEGER -> size += Integer.BYTES;
                default -> size += add(column.textOf(call), texts);
            }
        }
        int fixed = texts.size();
        for (CallColumn<?> column : LATER) {
            if (!column.isAbsentIn(call)) {
                size += add(column.columnName(), texts) + add(column.textOf(call), texts);
            }
        }
        for (Map.Entry<String, String> each : more.entrySet()) {
            size += add(each.getKey(), texts) + add(each.getValue(), texts);
        }
        ByteBuffer bytes = ByteBuffer.allocate(size);
        int text = 0;
        for (CallColumn<?> column : FIRST) {
            switch (column.type()) {
                case UUID -> putId(bytes, (UUID) column.of(call));
                case INSTANT -> putInstant(bytes, (Instant) column.of(call));
                case LONG -> bytes.putLong(column.of(call) == null ? NO_LONG : (Long) column.of(call));
                case INTEGER -> bytes.putInt((Integer) column.of(call));
                default -> putText(bytes, texts.get(text++));
            }
        }
        texts.subList(fixed, texts.size()).forEach(later -> putText(bytes, later));
        return bytes.array();
    }

    private static int add(String text, List<byte[]> texts) {
        byte[] utf8 = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
        texts.add(utf8);
        return Short.BYTES + (utf8 == null ? 0 : utf8.length);
    }

    /**
     * Reads a payload back.
     *
     * @throws IllegalArgumentException when the bytes are not a payload
     */
    static CallRecord decode(ByteBuffer bytes) {
        return decode(bytes, new HashMap<>());
    }

    /**
     * Reads a payload back.
     *
     * @param more takes the values under names that no column has
     * @throws IllegalArgumentException when the bytes are not a payload
     */
    static CallRecord decode(ByteBuffer bytes, Map<String, String> more) {
        try {
            Map<CallColumn<?>, Object> values = new HashMap<>();
            for (CallColumn<?> column : FIRST) {
                values.put(column, first(column, bytes));
            }
            while (bytes.hasRemaining()) {
                String name = text(bytes);
                CallColumn<?> later = LATER_BY_NAME.get(name);
                String value = text(bytes);
                if (later != null) {
                    values.put(later, later.parse(value));
                } else {
                    // The columns of a newer release are skipped, since nobody asks for them.
                    more.put(name, value);
                }
            }
            return CallColumn.read(values::get);
        } catch (BufferUnderflowException | NullPointerException | DateTimeException | ArithmeticException notARecord) {
            throw new IllegalArgumentException("not the payload of a record", notARecord);
        }
    }

    private static Object first(CallColumn<?> column, ByteBuffer bytes) {
        return switch (column.type()) {
            case UUID -> new UUID(bytes.getLong(), bytes.getLong());
            case INSTANT -> Instant.ofEpochSecond(bytes.getLong(), bytes.getInt());
            case LONG -> noLong(bytes.getLong());
            case INTEGER -> bytes.getInt();
            case DECIMAL -> new BigDecimal(text(bytes));
            default -> text(bytes);
        };
    }

    private static Long noLong(long value) {
        return value == NO_LONG ? null : (Long) value;
    }

    private static void putId(ByteBuffer bytes, UUID id) {
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static void putInstant(ByteBuffer bytes, Instant instant) {
        bytes.putLong(instant.getEpochSecond()).putInt(instant.getNano());
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
}
