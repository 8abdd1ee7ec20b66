package dev.tokentally.persistence;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Reads what {@link CellWriter} has written, in the same order. */
final class CellReader {

    private final byte[] bytes;
    private int next;

    CellReader(byte[] bytes) {
        this.bytes = bytes;
    }

    long number() {
        byte first = bytes[next++];
        return first >= 0 ? first : longer(first);
    }

    private long longer(byte first) {
        long number = first & CellWriter.MORE - 1;
        int shift = CellWriter.BITS;
        byte more = bytes[next++];
        while (more < 0) {
            number |= (long) (more & CellWriter.MORE - 1) << shift;
            shift += CellWriter.BITS;
            more = bytes[next++];
        }
        return number | (long) more << shift;
    }

    int count() {
        return Math.toIntExact(number());
    }

    String text() {
        int length = count() - 1;
        if (length < 0) {
            return null;
        }
        String text = new String(bytes, next, length, StandardCharsets.UTF_8);
        next += length;
        return text;
    }

    BigDecimal cost() {
        int scale = count();
        int length = count();
        return length > Long.BYTES ? new BigDecimal(digits(length), scale) : BigDecimal.valueOf(fixed(length), scale);
    }

    /** The digits of a cost. Its scale and the number of bytes come before them, so they were read already. */
    BigInteger digits(int length) {
        BigInteger digits = new BigInteger(bytes, next, length);
        next += length;
        return digits;
    }

    UUID id() {
        return new UUID(fixed(Long.BYTES), fixed(Long.BYTES));
    }

    /** The same for digits that fit in a long. */
    long fixed(int length) {
        long bits = bytes[next++];
        for (int left = length - 1; left > 0; left--) {
            bits = bits << Byte.SIZE | bytes[next++] & 0xFF;
        }
        return bits;
    }
}
