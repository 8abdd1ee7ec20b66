package dev.tokentally.persistence;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Writes a cell in its compact form, which {@link CellReader} reads. */
final class CellWriter {

    /** A number has seven bits in each byte; the eighth tells that another byte follows. */
    static final int BITS = 7;

    static final int MORE = 1 << BITS;

    private byte[] bytes = new byte[256];
    private int length;

    void number(long number) {
        long left = number;
        while ((left & -MORE) != 0) {
            put((byte) (left & MORE - 1 | MORE));
            left >>>= BITS;
        }
        put((byte) left);
    }

    /** Writes a text, or null. */
    void text(String text) {
        if (text == null) {
            number(0);
        } else {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            number(utf8.length + 1L);
            put(utf8);
        }
    }

    void cost(BigDecimal cost) {
        byte[] digits = cost.unscaledValue().toByteArray();
        number(cost.scale());
        number(digits.length);
        put(digits);
    }

    void id(UUID id) {
        fixed(id.getMostSignificantBits());
        fixed(id.getLeastSignificantBits());
    }

    private void fixed(long bits) {
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            put((byte) (bits >> shift));
        }
    }

    private void put(byte[] more) {
        ensure(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    private void put(byte one) {
        ensure(1);
        bytes[length++] = one;
    }

    private void ensure(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, Math.multiplyExact(bytes.length, 2)));
        }
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }
}
