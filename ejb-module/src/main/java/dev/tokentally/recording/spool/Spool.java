package dev.tokentally.recording.spool;

import dev.tokentally.recording.spool.Batch.Damage;
import dev.tokentally.recording.spool.Recovery.Leftover;
import dev.tokentally.recording.spool.SegmentQueue.Place;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The records that are not in the store yet, in files that outlive the process. Any thread appends them; one thread reads them and
 * takes them out. Once {@link #append} has returned, the record is not lost when the process dies. With {@code power} durability it
 * is not lost when the machine dies either.
 */
public final class Spool implements AutoCloseable {

    private static final Logger LOG = QuietLog.of(Spool.class);

    /** The file in which releases before 0.2 kept the records that the store refused. */
    public static final String OLD_REJECTED = "rejected.jsonl";

    private static final int SEGMENT_BYTES = 4 << 20;
    /** How much is taken over at once. The limit lets the drainer go on soon, and keeps memory free. */
    private static final long ADOPTED_AT_ONCE_BYTES = 4L * SEGMENT_BYTES;

    private final Slot slot;
    private final PositionFile position;
    private final SpoolOptions options;
    private final Recovery recovery;

    /** Guards the queue, the tail, the position, and the fields below it that say so. */
    private final ReentrantLock lock = new ReentrantLock();

    private final SegmentQueue queue = new SegmentQueue();
    private final Tail tail;
    /** Set before the spool is given out. Null if the spool is only opened to append a late record. */
    private RejectedRecords rejected;

    /** Set before the spool is given out. */
    private long othersBytes;

    /** Guarded by {@link #lock}. */
    private long appended;

    /** Guarded by {@link #lock}. */
    private boolean closed;

    /** Written under {@link #lock}, and read without it. */
    private volatile long damaged;

    /** Written under {@link #lock}, and read without it. */
    private volatile long appendedRecords;

    private final GroupCommit commit = new GroupCommit(new Appended());

    private Spool(Slot slot, SpoolOptions options, SegmentFile.Opener opener, int segmentBytes) {
        this.slot = slot;
        this.position = new PositionFile(slot.directory());
        this.options = options;
        this.tail =
                new Tail(slot, queue, opener, segmentBytes, options.survivesPowerCut(), () -> commit.lost(appended));
        this.recovery = new Recovery(slot, opener, options.rejectedMaxBytes(), ADOPTED_AT_ONCE_BYTES);
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
            spool.rejected = RejectedRecords.open(slot.directory(), opener, options.rejectedMaxBytes());
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
            List<Path> files = Recovery.segmentFiles(slot.directory());
            spool.tail.beginBehind(Recovery.lastNumber(files, spool.position.read()));
            spool.othersBytes = Recovery.bytes(files) + RejectedFile.size(slot.directory());
            spool.append(call);
        }
    }

    /**
     * Appends a record.
     *
     * @param call what to keep
     * @throws SpoolFullException when there is no room for it under the limit
     * @throws SpoolUnforcedException when it is in the spool, but the disk has not confirmed it
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
            if (queue.bytes() + besideBytes() + frame.length > options.maxBytes()) {
                throw new SpoolFullException(
                        "the spool in " + slot.directory() + " has reached " + options.maxBytes() + " bytes");
            }
            tail.append(frame);
            appended += frame.length;
            appendedRecords++;
            return appended;
        } finally {
            lock.unlock();
        }
    }

    /** Refused records count towards the limit, too. */
    private long besideBytes() {
        return rejected == null ? othersBytes : rejected.bytes();
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
                file = tail.file();
            } finally {
                lock.unlock();
            }
            if (file != null) {
                try {
                    file.force();
                } catch (ClosedChannelException retired) {
                    LOG.log(Level.DEBUG, "A segment was forced when it was full");
                } catch (IOException e) {
                    giveUpAppended();
                    throw e;
                }
            }
            return upTo;
        }

        /**
         * After a failed force, the next one may succeed although it skipped the bytes that the first could not write (fsync on
         * Linux). That goes for bytes that were appended meanwhile, too.
         */
        private void giveUpAppended() {
            lock.lock();
            try {
                commit.lost(appended);
            } finally {
                lock.unlock();
            }
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
        return read(queue::first, max);
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
        return read(() -> queue.behind(before), max);
    }

    private Optional<Batch> read(Supplier<Optional<Place>> where, int max) throws IOException {
        Optional<Place> place = find(where);
        while (place.isPresent()) {
            try {
                return Optional.of(place.get().read(max));
            } catch (IOException e) {
                putAside(place.get().segment(), e);
            }
            place = find(where);
        }
        return Optional.empty();
    }

    private Optional<Place> find(Supplier<Optional<Place>> where) {
        lock.lock();
        try {
            if (closed) {
                return Optional.empty();
            }
            dropFinished();
            return where.get();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts a segment aside that cannot be read, so that the segments behind it have their turn. If records are appended to it and
     * its file exists, it stays, since perhaps no file at all can be opened at the moment.
     */
    private void putAside(Segment segment, IOException unreadable) throws IOException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (tail.isAt(segment)) {
                if (Files.exists(segment.path)) {
                    throw unreadable;
                }
                tail.retireQuietly();
            }
            queue.putAside(segment);
        } finally {
            lock.unlock();
        }
        LOG.log(
                Level.ERROR,
                segment.path + " cannot be read: " + unreadable + ". The " + segment.waiting
                        + " records in it wait. Make it readable, or put it back if somebody has moved it; it is then read"
                        + " within seconds, or at the next start");
    }

    /** Reads segments again that were put aside. */
    private void lookAside() {
        for (Place place : aside()) {
            try {
                place.read(1);
            } catch (IOException still) {
                LOG.log(Level.DEBUG, "A segment still cannot be read: " + still);
                continue;
            }
            lock.lock();
            try {
                queue.putBack(place.segment());
            } finally {
                lock.unlock();
            }
            LOG.log(Level.INFO, place.segment().path + " can be read again");
        }
    }

    private List<Place> aside() {
        lock.lock();
        try {
            return closed ? List.of() : queue.aside();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a batch out.
     *
     * @param batch the batch that {@link #next} returned; its records are in the store or set aside
     * @throws IOException when damaged bytes could not be set aside
     */
    public void done(Batch batch) throws IOException {
        // Without the lock, which every call needs, since each of them is forced. Another try writes none of them
        // twice.
        for (Damage damage : batch.damaged()) {
            keep(batch.segment() + "-" + damage.at(), damage.bytes());
        }
        lock.lock();
        try {
            if (closed) {
                // The deployment that has the directory now gives the batch out again.
                return;
            }
            damaged += batch.damaged().size();
            queue.take(batch);
            position.keep(new Position(batch.segment(), batch.end()));
            dropFinished();
        } finally {
            lock.unlock();
        }
    }

    private void keep(String name, byte[] bytes) throws IOException {
        Optional<Path> file = DamagedBytes.keep(slot.directory(), name, bytes);
        file.ifPresent(kept -> LOG.log(
                Level.ERROR,
                bytes.length
                        + " bytes of the spool are damaged and contain no readable record; they were set aside in "
                        + kept + ". A record in them is lost unless it can be recovered from that file"));
    }

    /** Deletes segments whose records were all taken out, except the one to which records are appended. */
    private void dropFinished() {
        Optional<Segment> finished = queue.pollFinished(tail.file() != null);
        while (finished.isPresent()) {
            delete(finished.get().path);
            finished = queue.pollFinished(tail.file() != null);
        }
    }

    private static void delete(Path finished) {
        try {
            Files.deleteIfExists(finished);
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    finished + " cannot be deleted: " + e
                            + ". Its records are stored, so delete it, or let the next start try that");
        }
    }

    /** Makes the spool read this directory's leftovers first. */
    private void recover() throws IOException {
        Recovery.Own own = recovery.own(position.read());
        tail.beginBehind(own.lastNumber());
        for (Leftover leftover : own.files()) {
            queue.addLast(leftover.at(leftover.file()));
        }
        if (waiting() > 0) {
            LOG.log(Level.INFO, waiting() + " records of an earlier run wait in " + slot.directory());
        }
    }

    /**
     * Takes over records that earlier deployments of this application have left in their own directories. It takes only some, so
     * that new records have room too. The rest stays there for a later call or another deployment. It also looks whether segments
     * can be read again that could not be read before.
     *
     * @return how many records; to be called again when it was any
     * @throws IOException when the spool is closed, or the disk cannot be read
     */
    public long adopt() throws IOException {
        lookAside();
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
                return isOneFile && waiting() == 0 || queue.bytes() + besideBytes() + size <= options.maxBytes() / 2;
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
                    throw new SpoolClosedException();
                }
                tail.retire();
                for (Leftover leftover : found) {
                    Path here = tail.nextPath();
                    if (recovery.tryMove(leftover.file(), here)) {
                        queue.addLast(leftover.at(here));
                        adopted += leftover.records();
                    }
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
        return queue.waiting();
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
        Optional<Place> first = find(queue::first);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        return first.get().read(1).records().stream().findFirst().map(CallRecord::startedAt);
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
                tail.retire();
                dropFinished();
            }
        } finally {
            lock.unlock();
        }
    }
}
