package dev.tokentally.recording.spool;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.zip.CRC32C;

/** A file of frames behind a header, and how far it is filled and taken out. The {@link Spool} guards it. */
final class Segment {

    static final int HEADER_BYTES = 16;
    static final String SUFFIX = ".spool";

    /** No segment is larger. It is twice what the module fills. */
    static final long MAX_BYTES = 8L << 20;

    /**
     * The module never reaches this number. So a file with a higher number is not ours, and the next numbers are not counted from
     * it. Otherwise a number could become too long for a file name that {@link #number} reads.
     */
    private static final long MAX_COUNTED = 100_000_000_000_000_000L;

    private static final byte[] MAGIC = "TOKENTLY".getBytes(StandardCharsets.US_ASCII);
    /** Release 0.1 wrote version 1. It leaves version 2 alone, since it would store these records without their later columns. */
    private static final int VERSION = 2;

    private static final int OLDEST_VERSION = 1;

    /** A larger array is more than some JVMs make, however large the heap is. */
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    final long number;
    final Path path;
    long end;
    /** Where the first frame begins whose record was not taken out yet. */
    long taken;
    /** How many records wait in it. Damaged bytes may count as one until they are read. */
    long waiting;

    Segment(Path path, long taken, long end, long waiting) {
        this.number = number(path);
        this.path = path;
        this.taken = taken;
        this.end = end;
        this.waiting = waiting;
    }

    /** A segment that has nothing but its header. */
    static Segment empty(Path path) {
        return new Segment(path, HEADER_BYTES, HEADER_BYTES, 0);
    }

    static Path path(Path directory, long number) {
        // The digits must not depend on the locale. Otherwise the next start would not recognise the file, and its
        // records would wait for ever.
        return directory.resolve(String.format(Locale.ROOT, "%019d", number) + SUFFIX);
    }

    /** The number in a segment's file name; -1 if it is no such name. */
    static long number(Path path) {
        String name = path.getFileName().toString();
        return name.matches("0\\d{18}\\.spool") ? Long.parseLong(name.substring(0, 19)) : -1;
    }

    /** The higher of two numbers, unless the second is one that the module never reaches. */
    static long higher(long counted, long number) {
        return number < MAX_COUNTED ? Math.max(counted, number) : counted;
    }

    static byte[] header() {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(VERSION);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, header.position());
        return header.putInt((int) crc.getValue()).array();
    }

    /**
     * What kind of file a file is, by its first bytes. It reads no more of it, since a file that is not ours may be of any size.
     *
     * @throws IOException when it cannot be read, or is no regular file
     */
    static Kind kind(Path file) throws IOException {
        return kind(read(file, 0, Math.min(HEADER_BYTES, size(file))));
    }

    private static Kind kind(byte[] bytes) {
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

    /** The size of a regular file. Opening one of another kind may wait for ever, as with a named pipe. */
    static long size(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new IOException("it is not a regular file");
        }
        return attributes.size();
    }

    /** Uses no FileChannel, since an interrupt of the calling thread would make the file look unreadable. */
    static byte[] read(Path file, long from, long to) throws IOException {
        if (to - from > MAX_ARRAY) {
            throw new IOException("it is too large: " + (to - from) + " bytes");
        }
        byte[] bytes = new byte[(int) (to - from)];
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            open.seek(from);
            open.readFully(bytes);
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

    /** What a file may turn out to be. */
    enum Kind {
        OURS,
        /** The file was made, but its process ended before it wrote the header. */
        EMPTY,
        FOREIGN,
        OTHER_VERSION
    }
}
