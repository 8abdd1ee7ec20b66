package dev.tokentally.recording.spool;

import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallRecord;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The file of the records that are set aside: frames behind a header, as in a segment. A change adds a frame, and the last frame with
 * an id counts. {@link RejectedRecords} guards it; only {@link #bytes} may be asked without its lock.
 */
final class RejectedFile implements Closeable {

    static final String NAME = "rejected.log";

    private static final Logger LOG = QuietLog.of(RejectedFile.class);

    private static final String NEW_NAME = "rejected.new";
    private static final int FEW_BYTES = 64 << 10;

    private static final String REJECTED_AT = "rejected_at";
    private static final String TRIES = "rejected_tries";
    private static final String NEXT_TRY = "rejected_next_try";
    private static final String UNTIL = "rejected_until";
    private static final String REASON = "rejected_reason";

    /**
     * The length of a payload that says that a record is no longer here. It has only the record's id, so it is shorter than any
     * record.
     */
    private static final int GONE_BYTES = 16;

    private final Path directory;
    private final Path path;
    private final SegmentFile.Opener opener;
    private final long maxBytes;
    private SegmentFile file;
    private volatile long end;
    /** Damaged bytes that no file of their own has yet, each with the place where they begin. */
    private final Map<Integer, byte[]> damaged = new LinkedHashMap<>();

    private boolean isTorn;
    /** Whether the disk may lack some frames of the file. At the start it may lack those of a process that was killed. */
    private boolean isDirty;

    /** Whether a force has failed. The next one may succeed although it skips the bytes that this one could not write (fsync on Linux). */
    private boolean isDoubtful;

    private boolean closed;

    private RejectedFile(Path directory, SegmentFile.Opener opener, long maxBytes) {
        this.directory = directory;
        this.path = directory.resolve(NAME);
        this.opener = opener;
        this.maxBytes = maxBytes;
    }

    /**
     * Reads what an earlier run left in a directory that the caller has locked. If the disk has no room for damaged bytes, they stay
     * in this file.
     *
     * @param reader is told what the frames say
     * @throws IOException when the file can neither be read nor put aside
     */
    static RejectedFile open(Path directory, SegmentFile.Opener opener, long maxBytes, Reader reader)
            throws IOException {
        RejectedFile file = new RejectedFile(directory, opener, maxBytes);
        file.removeUnfinished();
        if (Files.exists(file.path, LinkOption.NOFOLLOW_LINKS)) {
            file.readAtStart(reader);
        }
        return file;
    }

    static long size(Path directory) {
        try {
            return Segment.size(directory.resolve(NAME));
        } catch (IOException noneThatCanBeRead) {
            return 0;
        }
    }

    /** How many records the file in a directory has. It is only read. */
    static long records(Path directory) throws IOException {
        RejectedFile file = new RejectedFile(directory, null, 0);
        if (size(directory) < Segment.HEADER_BYTES || Segment.kind(file.path) != Segment.Kind.OURS) {
            return 0;
        }
        Set<UUID> ids = new HashSet<>();
        file.readFrames(Segment.read(file.path, 0, Segment.size(file.path)), new Reader() {

            @Override
            public void kept(Rejected rejected, long at, int size) {
                ids.add(rejected.call().id());
            }

            @Override
            public void gone(UUID id) {
                ids.remove(id);
            }
        });
        return ids.size();
    }

    private void removeUnfinished() throws IOException {
        Path unfinished = directory.resolve(NEW_NAME);
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            putAside(unfinished, " cannot be deleted: " + e, ". Delete it when that is possible");
        }
    }

    private void readAtStart(Reader reader) throws IOException {
        byte[] bytes;
        try {
            switch (Segment.kind(path)) {
                case OURS -> bytes = Segment.read(path, 0, Segment.size(path));
                case EMPTY -> {
                    Files.delete(path);
                    return;
                }
                default -> {
                    putAside(
                            path,
                            " was not written by this version of Tokentally",
                            "; the records in it are not stored");
                    return;
                }
            }
        } catch (IOException e) {
            putAside(
                    path,
                    " cannot be read: " + e,
                    ". If it has refused records, stop the application, make the file readable and put it back");
            return;
        }
        int kept = readFrames(bytes, reader);
        // A frame that was not written to its end, since the process ended, is left out when the next change writes the
        // file anew. So are damaged bytes.
        isTorn = kept < bytes.length || !damaged.isEmpty();
        end = bytes.length;
        isDirty = true;
        try {
            keepDamaged();
        } catch (IOException e) {
            LOG.log(
                    Level.ERROR,
                    "Damaged bytes of " + path + " cannot be kept: " + e
                            + ". The file stays as it is until that is possible, and no record can be set aside. Make room"
                            + " on the disk, or give the server the right to write there");
        }
    }

    private void putAside(Path what, String why, String remedy) throws IOException {
        Path other = directory.resolve("rejected-" + System.currentTimeMillis() + ".other");
        for (int n = 2; Files.exists(other, LinkOption.NOFOLLOW_LINKS); n++) {
            other = directory.resolve("rejected-" + System.currentTimeMillis() + "-" + n + ".other");
        }
        Files.move(what, other);
        LOG.log(Level.ERROR, what + why + ". It is kept as " + other + remedy);
    }

    /** Returns where the frames end that were written to their end. */
    private int readFrames(byte[] bytes, Reader reader) {
        int kept = Segment.endOfKept(bytes);
        int at = Segment.HEADER_BYTES;
        while (at < kept) {
            int next = Frames.isWhole(bytes, at) ? at + Frames.sizeAt(bytes, at) : Frames.nextWhole(bytes, at + 1);
            if (!Frames.isWhole(bytes, at) || !tryRead(bytes, at, next - at, reader)) {
                damaged.put(at, Arrays.copyOfRange(bytes, at, next));
            }
            at = next;
        }
        return kept;
    }

    private void keepDamaged() throws IOException {
        Iterator<Map.Entry<Integer, byte[]>> each = damaged.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Integer, byte[]> next = each.next();
            DamagedBytes.keep(directory, "rejected-" + next.getKey(), next.getValue())
                    .ifPresent(kept -> LOG.log(
                            Level.ERROR,
                            next.getValue().length + " bytes of " + path
                                    + " are damaged and contain no readable record; they were set aside in " + kept));
            each.remove();
        }
    }

    /** Tells the reader what a frame says. Returns false if its payload is not an entry. */
    private static boolean tryRead(byte[] bytes, int at, int size, Reader reader) {
        ByteBuffer payload = Frames.payload(bytes, at);
        if (payload.remaining() == GONE_BYTES) {
            reader.gone(new UUID(payload.getLong(), payload.getLong()));
            return true;
        }
        try {
            reader.kept(decode(payload), at, size);
            return true;
        } catch (RuntimeException notARecord) {
            return false;
        }
    }

    private static Rejected decode(ByteBuffer payload) {
        Map<String, String> more = new HashMap<>();
        CallRecord call = RecordCodec.decode(payload, more);
        return new Rejected(
                call,
                Instant.parse(more.get(REJECTED_AT)),
                Integer.parseInt(more.getOrDefault(TRIES, "0")),
                more.get(NEXT_TRY) == null ? null : Instant.parse(more.get(NEXT_TRY)),
                Instant.parse(more.get(UNTIL)),
                more.getOrDefault(REASON, ""));
    }

    static byte[] frame(Rejected rejected) {
        Map<String, String> more = new LinkedHashMap<>();
        more.put(REJECTED_AT, rejected.rejectedAt().toString());
        more.put(TRIES, Integer.toString(rejected.tries()));
        if (rejected.nextTry() != null) {
            more.put(NEXT_TRY, rejected.nextTry().toString());
        }
        more.put(UNTIL, rejected.until().toString());
        more.put(REASON, rejected.reason());
        return Frames.frame(RecordCodec.encode(rejected.call(), more));
    }

    static byte[] gone(UUID id) {
        return Frames.frame(ByteBuffer.allocate(GONE_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array());
    }

    /**
     * Reads the file once more, since a part of it is damaged. The next change writes it anew.
     *
     * @param reader is told what the frames say that can be read
     * @throws IOException when the disk cannot be read, or the damaged bytes cannot be kept; nothing has changed then
     */
    void readAgain(Reader reader) throws IOException {
        force();
        if (Files.notExists(path)) {
            closeFile();
            end = 0;
            LOG.log(Level.ERROR, path + " is gone, and the refused records in it with it: somebody has deleted it");
            return;
        }
        byte[] bytes = Segment.read(path, 0, Segment.size(path));
        int kept = readFrames(bytes, reader);
        if (kept < bytes.length) {
            // It was written to its end, so it is not a frame that the process could not finish.
            damaged.put(kept, Arrays.copyOfRange(bytes, kept, bytes.length));
        }
        keepDamaged();
        end = bytes.length;
        isTorn = true;
    }

    /**
     * Reads a frame.
     *
     * @return the record; null if the bytes are damaged
     * @throws IOException when the disk cannot be read, or the file was closed
     */
    Rejected read(long at, int size) throws IOException {
        checkOpen();
        try {
            byte[] frame = Segment.read(path, at, at + size);
            return Frames.isWhole(frame, 0) ? decode(Frames.payload(frame, 0)) : null;
        } catch (EOFException cutOff) {
            return null;
        } catch (IOException e) {
            if (Files.notExists(path)) {
                return null;
            }
            throw e;
        } catch (RuntimeException notARecord) {
            return null;
        }
    }

    /**
     * Whether the file must be written anew before more is appended. If the limit was lowered, the frames that count may be beyond it.
     * Then that is not done for a few bytes at each change.
     *
     * @param more how many bytes are to be appended
     * @param live how many bytes the frames have that count
     */
    boolean isToBeWrittenAnew(int more, long live) {
        boolean isFull = end + more > maxBytes && end - live > maxBytes / 4;
        return isTorn || isFull || end > FEW_BYTES && end > 3 * live;
    }

    /** Appends a frame. If the disk takes only a part, the file stays as it was. Returns where the frame begins. */
    long append(byte[] frame) throws IOException {
        checkOpen();
        if (file == null) {
            begin();
        }
        long at = end;
        try {
            file.append(frame);
        } catch (IOException e) {
            undo(e);
            throw e;
        }
        end += frame.length;
        isDirty = true;
        return at;
    }

    /** The name is forced even if the file is there, since it may just have been renamed, or made by a process that was killed. */
    private void begin() throws IOException {
        boolean isNew = !Files.exists(path);
        SegmentFile opened = opener.open(path);
        if (isNew) {
            try {
                opened.append(Segment.header());
            } catch (IOException | RuntimeException e) {
                // Half a header may stay there, and no frame must follow it.
                isTorn = true;
                opened.close();
                Files.deleteIfExists(path);
                throw e;
            }
            end = Segment.HEADER_BYTES;
        }
        file = opened;
        opener.forceNames(directory);
    }

    private void undo(IOException failure) {
        try {
            file.truncate(end);
        } catch (IOException e) {
            failure.addSuppressed(e);
            isTorn = true;
        }
    }

    /**
     * Writes the file anew. The old file stays until the new one is on the disk.
     *
     * @param frames appends the frames that still count, and says whether the file is to be replaced
     * @return whether the file was replaced
     */
    boolean tryRewrite(Writer frames) throws IOException {
        checkOpen();
        keepDamaged();
        removeUnfinished();
        Path next = directory.resolve(NEW_NAME);
        long[] at = {Segment.HEADER_BYTES};
        boolean isComplete;
        try (SegmentFile written = opener.open(next)) {
            written.append(Segment.header());
            isComplete = frames.writeTo(frame -> {
                written.append(frame);
                at[0] += frame.length;
                return at[0] - frame.length;
            });
            written.force();
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(next);
            throw e;
        }
        if (!isComplete) {
            Files.delete(next);
            return false;
        }
        closeFile();
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        end = at[0];
        isTorn = false;
        isDoubtful = false;
        // The disk may still have the old file under this name.
        isDirty = true;
        return true;
    }

    /** Returns when the disk has all frames, and the file under its name. */
    void force() throws IOException {
        if (!isDirty) {
            return;
        }
        checkOpen();
        if (file == null && Files.exists(path)) {
            begin();
        }
        if (file != null) {
            try {
                file.force();
            } catch (IOException e) {
                isDoubtful = true;
                throw e;
            }
        }
        isDirty = false;
    }

    /** Whether the file must be written anew before it is forced. */
    boolean isDoubtful() {
        return isDoubtful;
    }

    /** How large the file is. */
    long bytes() {
        return end;
    }

    boolean isClosed() {
        return closed;
    }

    /** Another deployment may have the directory as soon as this one has closed it. */
    private void checkOpen() throws SpoolClosedException {
        if (closed) {
            throw new SpoolClosedException();
        }
    }

    void delete() throws IOException {
        keepDamaged();
        closeFile();
        Files.deleteIfExists(path);
    }

    private void closeFile() throws IOException {
        SegmentFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        closeFile();
    }

    /** Is told what the frames of the file say, in their order. */
    interface Reader {

        /** A record with its refusals, and where its frame is. */
        void kept(Rejected rejected, long at, int size);

        /** The record is no longer here. */
        void gone(UUID id);
    }

    /** Appends frames to a new file. */
    @FunctionalInterface
    interface Writer {

        /** Returns whether the new file has all of them. */
        boolean writeTo(NewFile file) throws IOException;
    }

    /** A file that is not complete yet. */
    @FunctionalInterface
    interface NewFile {

        /** Returns where the frame begins. */
        long append(byte[] frame) throws IOException;
    }
}
