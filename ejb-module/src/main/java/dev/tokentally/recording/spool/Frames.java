package dev.tokentally.recording.spool;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** How a payload is written in a segment: a marker, the payload's length, a checksum, the payload. */
final class Frames {

    static final int HEAD_BYTES = 12;

    /** The marker with which a frame begins. Reading goes on at the next one behind damaged bytes. */
    private static final int MARKER = 0x7F54_4B0A;

    private Frames() {}

    static byte[] frame(byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + payload.length);
        frame.putInt(MARKER).putInt(payload.length).putInt(checksum(payload, 0, payload.length));
        return frame.put(payload).array();
    }

    /** The length that a frame beginning here gives for itself; -1 if no frame begins here. */
    static int sizeAt(byte[] bytes, int at) {
        if (bytes.length - at < HEAD_BYTES) {
            return -1;
        }
        ByteBuffer head = ByteBuffer.wrap(bytes, at, HEAD_BYTES);
        int marker = head.getInt();
        int length = head.getInt();
        return marker == MARKER && length > 0 && length <= RecordCodec.MAX_BYTES ? HEAD_BYTES + length : -1;
    }

    /** Whether the last bytes are too few for a frame's head, but look like the beginning of one. */
    static boolean mayBeginAt(byte[] bytes, int at) {
        byte[] marker = ByteBuffer.allocate(Integer.BYTES).putInt(MARKER).array();
        int left = bytes.length - at;
        return left < HEAD_BYTES
                && Arrays.mismatch(bytes, at, at + Math.min(left, 4), marker, 0, Math.min(left, 4)) < 0;
    }

    static boolean isWhole(byte[] bytes, int at) {
        int size = sizeAt(bytes, at);
        return size > 0
                && size <= bytes.length - at
                && ByteBuffer.wrap(bytes).getInt(at + 8) == checksum(bytes, at + HEAD_BYTES, size - HEAD_BYTES);
    }

    /** The payload of a whole frame. */
    static ByteBuffer payload(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes, at + HEAD_BYTES, sizeAt(bytes, at) - HEAD_BYTES);
    }

    /** The place of the next whole frame, at or behind the given place; the end of the bytes if there is none. */
    static int nextWhole(byte[] bytes, int from) {
        for (int at = from; at < bytes.length; at++) {
            if (isWhole(bytes, at)) {
                return at;
            }
        }
        return bytes.length;
    }

    /** The checksum covers the length too, so that a flipped bit in the length is noticed. */
    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(length >>> 24);
        crc.update(length >>> 16);
        crc.update(length >>> 8);
        crc.update(length);
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
