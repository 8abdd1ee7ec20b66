package dev.tokentally.persistence;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Reads what {@link CellWriter} has written, in the same order. */
final class CellReader {

    private final ByteBuffer bytes;

    CellReader(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    long number() {
        long number = 0;
        int shift = 0;
        byte next = bytes.get();
        while (next < 0) {
            number |= (long) (next & CellWriter.MORE - 1) << shift;
            shift += CellWriter.BITS;
            next = bytes.get();
        }
        return number | (long) next << shift;
    }

    int count() {
        return Math.toIntExact(number());
    }

    String text() {
        int length = count() - 1;
        return length < 0 ? null : new String(bytes(length), StandardCharsets.UTF_8);
    }

    BigDecimal cost() {
        int scale = count();
        return new BigDecimal(new BigInteger(bytes(count())), scale);
    }

    UUID id() {
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    private byte[] bytes(int length) {
        byte[] part = new byte[length];
        bytes.get(part);
        return part;
    }
}
