package dev.tokentally.recording.spool;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32C;

/** A file of frames behind a header, and how far it is filled. The {@link Spool} guards it. */
final class Segment {

    static final int HEADER_BYTES = 16;
    static final String SUFFIX = ".spool";

    private static final byte[] MAGIC = "TOKENTLY".getBytes(StandardCharsets.US_ASCII);
    /** Release 0.1 wrote version 1. It leaves version 2 alone, since it would store these records without their later columns. */
    private static final int VERSION = 2;

    private static final int OLDEST_VERSION = 1;

    final long number;
    final Path path;
    long end;

    Segment(long number, Path path, long end) {
        this.number = number;
        this.path = path;
        this.end = end;
    }

    static Path path(Path directory, long number) {
        // The digits must not depend on the locale. Otherwise the next start would not recognise the file, and its
        // records would wait for ever.
        return directory.resolve(String.format(Locale.ROOT, "%019d", number) + SUFFIX);
    }

    /** The number in a segment's file name; -1 if it is no such name. */
    static long number(Path path) {
        String name = path.getFileName().toString();
        // A number of nineteen digits that begins with a nine may be too large for a long.
        return name.matches("[0-8]\\d{18}\\.spool") ? Long.parseLong(name.substring(0, 19)) : -1;
    }

    static byte[] header() {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(VERSION);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, header.position());
        return header.putInt((int) crc.getValue()).array();
    }

    /** What kind of file a file with a segment's name is, by its first bytes. */
    static Kind kind(byte[] bytes) {
        byte[] header = header();
        int compared = Math.min(bytes.length, MAGIC.length);
        for (int i = 0; i < compared; i++) {
            if (bytes[i] != header[i]) {
                return Kind.FOREIGN;
            }
        }
        if (bytes.length < HEADER_BYTES) {
            return Kind.EMPTY;
        }
        int version = ByteBuffer.wrap(bytes).getInt(MAGIC.length);
        return version >= OLDEST_VERSION && version <= VERSION ? Kind.OURS : Kind.OTHER_VERSION;
    }

    byte[] read(long from, long to) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(to - from)];
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            file.seek(from);
            file.readFully(bytes);
        }
        return bytes;
    }

    /**
     * Finds out which part of a file of an earlier run is to be kept. That is everything except a frame that was not written to its
     * end when the run ended; nobody was told that its record is stored.
     *
     * @return the end of the part that is kept
     */
    static int endOfKept(byte[] bytes) {
        int at = HEADER_BYTES;
        while (at < bytes.length) {
            if (Frames.isWhole(bytes, at)) {
                at += Frames.sizeAt(bytes, at);
                continue;
            }
            int next = Frames.nextWhole(bytes, at + 1);
            if (next == bytes.length) {
                return isTorn(bytes, at) ? at : bytes.length;
            }
            at = next;
        }
        return at;
    }

    /** Whether the bytes up to the end are the beginning of a frame, or room that was never written to. */
    private static boolean isTorn(byte[] bytes, int at) {
        int size = Frames.sizeAt(bytes, at);
        if (size > 0) {
            return size > bytes.length - at;
        }
        return Frames.mayBeginAt(bytes, at) || isZero(bytes, at);
    }

    private static boolean isZero(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    void delete() throws IOException {
        Files.deleteIfExists(path);
    }

    /** What a file may turn out to be. */
    enum Kind {
        OURS,
        /** The file was made, but its process ended before it wrote the header. */
        EMPTY,
        FOREIGN,
        OTHER_VERSION
    }
}
