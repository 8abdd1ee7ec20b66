package dev.tokentally.recording.spool;

import dev.tokentally.recording.spool.Batch.Damage;
import dev.tokentally.recording.spool.Recovery.Leftover;
import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The records that are not in the store yet, in files that outlive the process. Any thread appends them; one thread reads them and
 * takes them out. Once {@link #append} has returned, the record is not lost when the process dies. With {@code power} durability it
 * is not lost when the machine dies either.
 */
public final class Spool implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Spool.class.getName());

    private static final int SEGMENT_BYTES = 4 << 20;
    /** How much is taken over at once. The limit lets the drainer go on soon, and keeps memory free. */
    private static final long ADOPTED_AT_ONCE_BYTES = 4L * SEGMENT_BYTES;

    private final Slot slot;
    private final PositionFile position;
    private final SpoolOptions options;
    private final SegmentFile.Opener opener;
    private final Recovery recovery;
    private final int segmentBytes;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Segment> segments = new ArrayDeque<>();
    private SegmentFile active;
    /** Null if the spool is only opened to append a late record. */
    private RejectedRecords rejected;

    private long othersBytes;
    private long lastNumber;
    private long taken = Segment.HEADER_BYTES;
    private long bytes;
    private long appended;
    private boolean closed;
    private volatile long waiting;
    private volatile long damaged;

    private volatile long appendedRecords;
    private final GroupCommit commit = new GroupCommit(new Appended());

    private Spool(Slot slot, SpoolOptions options, SegmentFile.Opener opener, int segmentBytes) {
        this.slot = slot;
        this.position = new PositionFile(slot.directory());
        this.options = options;
        this.opener = opener;
        this.segmentBytes = segmentBytes;
        this.recovery = new Recovery(slot, opener, options.maxBytes() / 10, ADOPTED_AT_ONCE_BYTES);
    }

    /**
     * Takes a directory that nobody uses, with what an earlier run left in it.
     *
     * @param options where and how
     * @return the spool; to be closed
     * @throws IOException when the directory cannot be made, locked or written to
     */
    public static Spool open(SpoolOptions options) throws IOException {
        return open(options, SegmentFile::onDisk, SEGMENT_BYTES);
    }

    static Spool open(SpoolOptions options, SegmentFile.Opener opener, int segmentBytes) throws IOException {
        Slot slot = Slot.acquireAny(options.directory());
        try {
            Spool spool = new Spool(slot, options, opener, segmentBytes);
            spool.rejected = RejectedRecords.open(slot.directory(), opener, options.maxBytes() / 10);
            spool.recover();
            return spool;
        } catch (IOException | RuntimeException | Error e) {
            slot.close();
            throw e;
        }
    }

    /**
     * Keeps a record for the next deployment, in a directory that nobody uses. Records that wait there already are not read.
     *
     * @param options where and how
     * @param call what to keep
     * @throws SpoolFullException when there is no room for it under the limit
     * @throws IOException when the disk cannot be written to
     */
    public static void appendLate(SpoolOptions options, CallRecord call) throws IOException {
        Slot slot = Slot.acquireAny(options.directory());
        try (Spool spool = new Spool(slot, options, SegmentFile::onDisk, SEGMENT_BYTES)) {
            spool.lastNumber = spool.position.read()[0];
            for (Path file : Recovery.segmentFiles(slot.directory())) {
                spool.lastNumber = Math.max(spool.lastNumber, Segment.number(file));
                spool.bytes += Files.size(file);
            }
            spool.othersBytes = RejectedRecords.size(slot.directory());
            spool.append(call);
        }
    }

    /**
     * Appends a record.
     *
     * @param call what to keep
     * @throws SpoolFullException when there is no room for it under the limit
     * @throws IOException when the disk cannot be written to
     */
    public void append(CallRecord call) throws IOException {
        long end = write(call);
        if (options.survivesPowerCut()) {
            commit.force(end);
        }
    }

    /**
     * Appends a record without waiting for the disk, also with {@code power} durability. In that case, call {@link #force}
     * afterwards.
     *
     * @param call what to keep
     * @throws SpoolFullException when there is no room for it under the limit
     * @throws IOException when the disk cannot be written to
     */
    public void appendUnforced(CallRecord call) throws IOException {
        write(call);
    }

    /**
     * Waits until the disk has all records that were appended before.
     *
     * @throws IOException when the disk cannot be written to
     */
    public void force() throws IOException {
        long end;
        lock.lock();
        try {
            end = appended;
        } finally {
            lock.unlock();
        }
        commit.force(end);
    }

    private long write(CallRecord call) throws IOException {
        byte[] frame = Frames.frame(RecordCodec.encode(call));
        lock.lock();
        try {
            if (closed) {
                throw new SpoolClosedException();
            }
            if (bytes + besideBytes() + frame.length > options.maxBytes()) {
                throw new SpoolFullException(
                        "the spool in " + slot.directory() + " has reached " + options.maxBytes() + " bytes");
            }
            Segment segment = segmentFor(frame.length);
            write(segment, frame);
            appended += frame.length;
            appendedRecords++;
            waiting++;
            return appended;
        } finally {
            lock.unlock();
        }
    }

    /** Refused records count towards the limit, too. */
    private long besideBytes() {
        return rejected == null ? othersBytes : rejected.bytes();
    }

    private Segment segmentFor(int size) throws IOException {
        if (active != null && segments.getLast().end + size <= segmentBytes) {
            return segments.getLast();
        }
        retire();
        // The length is counted even if the write fails. The write may leave bytes there, and nothing must be written
        // behind them.
        lastNumber++;
        Segment segment = new Segment(lastNumber, Segment.path(slot.directory(), lastNumber), 0);
        SegmentFile file = opener.open(segment.path);
        try {
            file.append(Segment.header());
            if (options.survivesPowerCut()) {
                file.force();
                forceDirectory();
            }
        } catch (IOException | RuntimeException e) {
            file.close();
            segment.delete();
            throw e;
        }
        segment.end = Segment.HEADER_BYTES;
        bytes += segment.end;
        segments.addLast(segment);
        active = file;
        return segment;
    }

    private void write(Segment segment, byte[] frame) throws IOException {
        try {
            active.append(frame);
        } catch (IOException e) {
            undo(segment, e);
            throw e;
        }
        segment.end += frame.length;
        bytes += frame.length;
    }

    /** Half a frame must not be followed by a whole one. If it cannot be cut off, nothing is written behind it. */
    private void undo(Segment segment, IOException failure) {
        try {
            active.truncate(segment.end);
        } catch (IOException e) {
            failure.addSuppressed(e);
            retireQuietly();
        }
    }

    private void retire() throws IOException {
        if (active == null) {
            return;
        }
        SegmentFile file = active;
        active = null;
        try (file) {
            if (options.survivesPowerCut()) {
                file.force();
            }
        } catch (IOException e) {
            commit.lost(appended);
            throw e;
        }
    }

    private void retireQuietly() {
        try {
            retire();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "A segment of the spool could not be closed: " + e);
        }
    }

    /** The appended bytes, as the group commit sees them. */
    private final class Appended implements GroupCommit.Log {

        @Override
        public long appendedRecords() {
            return appendedRecords;
        }

        @Override
        public long forceAll() throws IOException {
            long upTo;
            SegmentFile file;
            lock.lock();
            try {
                upTo = appended;
                file = active;
            } finally {
                lock.unlock();
            }
            if (file != null) {
                try {
                    file.force();
                } catch (IOException e) {
                    // If the file was retired meanwhile, it was forced at that time.
                    if (isLost(file, upTo)) {
                        throw e;
                    }
                }
            }
            return upTo;
        }

        /**
         * After a failed force, the next one may succeed although it skipped the bytes that the first could not write (fsync on
         * Linux).
         */
        private boolean isLost(SegmentFile file, long upTo) {
            lock.lock();
            try {
                if (active != file) {
                    return false;
                }
                commit.lost(upTo);
                return true;
            } finally {
                lock.unlock();
            }
        }
    }

    private void forceDirectory() {
        try (FileChannel directory = FileChannel.open(slot.directory(), StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException notOnThisSystem) {
            LOG.log(Level.DEBUG, "The spool's directory cannot be forced: " + notOnThisSystem);
        }
    }

    /**
     * The records that are next in turn, the oldest first. It returns the same records until {@link #done} is called.
     *
     * @param max how many at most
     * @return what was found; empty when nothing waits
     * @throws IOException when the disk cannot be read
     */
    public Optional<Batch> next(int max) throws IOException {
        Segment head;
        long from;
        long end;
        lock.lock();
        try {
            if (closed) {
                return Optional.empty();
            }
            dropFinished();
            if (segments.isEmpty() || taken == segments.getFirst().end) {
                return Optional.empty();
            }
            head = segments.getFirst();
            from = taken;
            end = head.end;
        } finally {
            lock.unlock();
        }
        return Optional.of(Batch.read(head, from, end, max));
    }

    /**
     * The records behind a batch. They and the batch stay in the spool.
     *
     * @param before the batch that {@link #next} or this method returned last
     * @param max how many at most
     * @return what was found; empty when there are no more
     * @throws IOException when the disk cannot be read
     */
    public Optional<Batch> behind(Batch before, int max) throws IOException {
        Segment found = null;
        long from = Segment.HEADER_BYTES;
        long end = 0;
        lock.lock();
        try {
            for (Segment segment : segments) {
                if (segment.number == before.segment() && segment.end > before.end()) {
                    from = before.end();
                } else if (segment.number <= before.segment() || segment.end <= Segment.HEADER_BYTES) {
                    continue;
                }
                found = segment;
                end = segment.end;
                break;
            }
        } finally {
            lock.unlock();
        }
        return found == null ? Optional.empty() : Optional.of(Batch.read(found, from, end, max));
    }

    /**
     * Takes a batch out.
     *
     * @param batch the batch that {@link #next} returned; its records are in the store or set aside
     * @throws IOException when damaged bytes could not be set aside
     */
    public void done(Batch batch) throws IOException {
        lock.lock();
        try {
            if (closed) {
                // The deployment that has the directory now gives the batch out again.
                return;
            }
            for (Damage damage : batch.damaged()) {
                setAside(batch.segment(), damage);
            }
            taken = batch.end();
            waiting -= batch.records().size();
            position.keep(batch.segment(), taken);
            dropFinished();
            if (segments.isEmpty() || segments.size() == 1 && taken == segments.getFirst().end) {
                // Damaged bytes may have been counted as records.
                waiting = 0;
            }
        } finally {
            lock.unlock();
        }
    }

    private void setAside(long segment, Damage damage) throws IOException {
        Path file = slot.directory().resolve("damaged-" + segment + "-" + damage.at() + ".bin");
        Files.write(file, damage.bytes());
        damaged++;
        LOG.log(
                Level.ERROR,
                damage.bytes().length
                        + " bytes of the spool are damaged and contain no readable record; they were set aside in "
                        + file
                        + ". A record in them is lost unless it can be recovered from that file");
    }

    /** Deletes segments whose records were all taken out, except the one to which records are appended. */
    private void dropFinished() throws IOException {
        while (!segments.isEmpty() && taken == segments.getFirst().end && !isAppendedTo(segments.getFirst())) {
            Segment finished = segments.removeFirst();
            bytes -= finished.end;
            taken = Segment.HEADER_BYTES;
            finished.delete();
        }
    }

    private boolean isAppendedTo(Segment segment) {
        return active != null && segment == segments.getLast();
    }

    /** Makes the spool read this directory's leftovers first. */
    private void recover() throws IOException {
        Recovery.Own own = recovery.own(position.read());
        lastNumber = own.lastNumber();
        taken = own.taken();
        for (Leftover leftover : own.files()) {
            enqueue(leftover, new Segment(Segment.number(leftover.file()), leftover.file(), leftover.end()));
        }
        if (waiting > 0) {
            LOG.log(Level.INFO, waiting + " records of an earlier run wait in " + slot.directory());
        }
    }

    private void enqueue(Leftover leftover, Segment segment) {
        segments.addLast(segment);
        bytes += segment.end;
        waiting += leftover.records();
    }

    /**
     * Takes over records that earlier deployments of this application have left in their own directories. It takes only some, so
     * that new records have room too. The rest stays there for a later call or another deployment.
     *
     * @return how many records; to be called again when it was any
     * @throws IOException when a file could not be read or moved
     */
    public long adopt() throws IOException {
        return recovery.adopt(new Home());
    }

    /** The place for the records of other deployments, as the recovery sees it. */
    private final class Home implements Recovery.Home {

        @Override
        public RejectedRecords rejected() {
            return rejected;
        }

        /**
         * Records of other deployments get at most half of the spool, since an outage may begin. If the spool is empty, one file
         * always has room.
         */
        @Override
        public boolean hasRoomFor(long size, boolean isOneFile) {
            lock.lock();
            try {
                return isOneFile && waiting == 0 || bytes + besideBytes() + size <= options.maxBytes() / 2;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public long take(List<Leftover> found) throws IOException {
            long adopted = 0;
            lock.lock();
            try {
                if (closed) {
                    return 0;
                }
                retire();
                for (Leftover leftover : found) {
                    lastNumber++;
                    Path here = Segment.path(slot.directory(), lastNumber);
                    Files.move(leftover.file(), here, StandardCopyOption.ATOMIC_MOVE);
                    enqueue(leftover, new Segment(lastNumber, here, leftover.end()));
                    adopted += leftover.records();
                }
                return adopted;
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * How many records wait.
     *
     * @return how many were appended and not yet taken out, also by earlier runs
     */
    public long waiting() {
        return waiting;
    }

    /**
     * What the store refused while it took others.
     *
     * @return the records that were set aside
     */
    public RejectedRecords rejected() {
        return rejected;
    }

    /**
     * How often damaged bytes were set aside.
     *
     * @return the count since the start
     */
    public long damaged() {
        return damaged;
    }

    /**
     * Since when the first one waits.
     *
     * @return when the call that is next in turn started; empty when none waits
     * @throws IOException when the disk cannot be read
     */
    public Optional<Instant> oldest() throws IOException {
        return next(1).flatMap(batch -> batch.records().stream().findFirst()).map(CallRecord::startedAt);
    }

    /**
     * Where it is.
     *
     * @return the directory that no other deployment uses
     */
    public Path directory() {
        return slot.directory();
    }

    /** Closes the files and releases the directory. Waiting records stay there. Does nothing the second time. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            RejectedRecords refused = rejected;
            try (slot;
                    position;
                    refused) {
                retire();
                dropFinished();
            }
        } finally {
            lock.unlock();
        }
    }
}
