package dev.tokentally.recording.spool;

import dev.tokentally.recording.spool.Batch.Damage;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * The records that are not in the store yet, in files that outlive the process: appended by any thread, read and taken
 * out by one. What {@link #append} has returned for is not lost when the process dies, and with {@code power} durability
 * not when the machine does.
 */
public final class Spool implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Spool.class.getName());

    private static final int SEGMENT_BYTES = 4 << 20;
    private static final int READ_BYTES = 256 << 10;
    /** So that the drainer soon goes on, and memory is not filled. */
    private static final long ADOPTED_AT_ONCE_BYTES = 4L * SEGMENT_BYTES;

    /** On a disk that has got stuck, half a force may be long. */
    private static final long LONGEST_WAIT_FOR_COMPANY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Slot slot;
    private final PositionFile position;
    private final SpoolOptions options;
    private final SegmentFile.Opener opener;
    private final int segmentBytes;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Segment> segments = new ArrayDeque<>();
    private SegmentFile active;
    /** Null for one that is only appended to late. */
    private RejectedRecords rejected;

    private long othersBytes;
    /** Files in others' directories that are not ours, of which was told. The one thread that adopts uses it. */
    private final Set<Path> leftAlone = new HashSet<>();

    private long lastNumber;
    private long taken = Segment.HEADER_BYTES;
    private long bytes;
    private long appended;
    private boolean closed;
    private volatile long waiting;
    private volatile long damaged;

    private final ReentrantLock forcing = new ReentrantLock();
    private final Condition forceDone = forcing.newCondition();
    private final Condition companyIsBack = forcing.newCondition();
    private boolean forceUnderWay;
    private volatile long appendedRecords;
    private long forcedRecords;
    /** How many records the last force was for, with those that were appended while it went on. */
    private long company;

    private long forceNanos;
    private long forced;
    private volatile long unforced;

    private Spool(Slot slot, SpoolOptions options, SegmentFile.Opener opener, int segmentBytes) {
        this.slot = slot;
        this.position = new PositionFile(slot.directory());
        this.options = options;
        this.opener = opener;
        this.segmentBytes = segmentBytes;
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
     * Keeps a record for the next deployment, in a directory that nobody uses; what waits there already is not read.
     *
     * @param options where and how
     * @param call what to keep
     * @throws SpoolFullException when there is no room for it under the limit
     * @throws IOException when the disk does not take it
     */
    public static void appendLate(SpoolOptions options, CallRecord call) throws IOException {
        Slot slot = Slot.acquireAny(options.directory());
        try (Spool spool = new Spool(slot, options, SegmentFile::onDisk, SEGMENT_BYTES)) {
            spool.lastNumber = spool.position.read()[0];
            for (Path file : segmentFiles(slot.directory())) {
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
     * @throws IOException when the disk does not take it
     */
    public void append(CallRecord call) throws IOException {
        long end = write(call);
        if (options.survivesPowerCut()) {
            force(end);
        }
    }

    /**
     * Appends a record without waiting for the disk, also with {@code power} durability, where {@link #force} is to
     * follow.
     *
     * @param call what to keep
     * @throws SpoolFullException when there is no room for it under the limit
     * @throws IOException when the disk does not take it
     */
    public void appendUnforced(CallRecord call) throws IOException {
        write(call);
    }

    /**
     * Waits until the disk has all that was appended before.
     *
     * @throws IOException when it does not take it
     */
    public void force() throws IOException {
        long end;
        lock.lock();
        try {
            end = appended;
        } finally {
            lock.unlock();
        }
        force(end);
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

    /** What has been refused is within the limit, too. */
    private long besideBytes() {
        return rejected == null ? othersBytes : rejected.bytes();
    }

    private Segment segmentFor(int size) throws IOException {
        if (active != null && segments.getLast().end + size <= segmentBytes) {
            return segments.getLast();
        }
        retire();
        // Counted even if what follows fails: what it then may leave there must not be written behind.
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

    /** Half a frame must not lie before a whole one; where it cannot be cut off, nothing is written behind it. */
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
            unforced = appended;
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

    /** One thread forces for all that have appended before; those that append meanwhile are the next one's. */
    private void force(long end) throws IOException {
        forcing.lock();
        try {
            if (isCompanyBack()) {
                companyIsBack.signal();
            }
            while (forced < end) {
                if (forceUnderWay) {
                    forceDone.awaitUninterruptibly();
                } else {
                    forceForAll();
                }
            }
            if (end <= unforced) {
                throw new IOException("a segment of the spool could not be forced to the disk");
            }
        } finally {
            forcing.unlock();
        }
    }

    private void forceForAll() throws IOException {
        forceUnderWay = true;
        awaitCompany();
        forcing.unlock();
        long began = System.nanoTime();
        long records = appendedRecords;
        long upTo = 0;
        try {
            upTo = forceAll();
        } finally {
            forcing.lock();
            forceNanos = System.nanoTime() - began;
            forced = Math.max(forced, upTo);
            company = appendedRecords - forcedRecords;
            forcedRecords = records;
            forceUnderWay = false;
            forceDone.signalAll();
        }
    }

    /**
     * Those whom the last force was for may be about to append again: forced at once, they and those who waited meanwhile
     * would take turns, each turn with half of them. So whoever had company waits for as many, but no longer than half a force
     * takes; who is alone does not wait.
     */
    private void awaitCompany() {
        long left = Math.min(forceNanos / 2, LONGEST_WAIT_FOR_COMPANY_NANOS);
        try {
            while (!isCompanyBack() && left > 0) {
                left = companyIsBack.awaitNanos(left);
            }
        } catch (InterruptedException kept) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isCompanyBack() {
        return appendedRecords - forcedRecords >= company;
    }

    private long forceAll() throws IOException {
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
                // A file that was retired meanwhile was forced then.
                if (isLost(file, upTo)) {
                    throw e;
                }
            }
        }
        return upTo;
    }

    /** After a force that failed, one that succeeds may have skipped what the first could not write (fsync on Linux). */
    private boolean isLost(SegmentFile file, long upTo) {
        lock.lock();
        try {
            if (active != file) {
                return false;
            }
            unforced = upTo;
            return true;
        } finally {
            lock.unlock();
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
     * The records that are next in turn, the oldest first. The same again until {@link #done} was told.
     *
     * @param max how many at most
     * @return what was found; empty when nothing waits
     * @throws IOException when the disk does not give them
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
        return Optional.of(read(head, from, end, max));
    }

    /**
     * The records behind a batch, which stays in the spool as they do.
     *
     * @param before what {@link #next} or this method gave
     * @param max how many at most
     * @return what was found; empty when there are no more
     * @throws IOException when the disk does not give them
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
        return found == null ? Optional.empty() : Optional.of(read(found, from, end, max));
    }

    private static Batch read(Segment head, long from, long end, int max) throws IOException {
        long chunkEnd = Math.min(end, from + READ_BYTES);
        Batch batch = parse(head, from, head.read(from, chunkEnd), chunkEnd < end, max);
        if (!batch.damaged().isEmpty() && chunkEnd < end) {
            batch = parse(head, from, head.read(from, end), false, max);
        }
        return batch;
    }

    private static Batch parse(Segment segment, long from, byte[] read, boolean cut, int max) {
        List<CallRecord> records = new ArrayList<>();
        List<Damage> damages = new ArrayList<>();
        int at = 0;
        while (at < read.length && records.size() < max) {
            int next;
            if (Frames.isWhole(read, at)) {
                next = at + Frames.sizeAt(read, at);
                try {
                    records.add(RecordCodec.decode(Frames.payload(read, at)));
                } catch (IllegalArgumentException notARecord) {
                    damages.add(new Damage(from + at, Arrays.copyOfRange(read, at, next)));
                }
            } else if (cut && !records.isEmpty()) {
                // Perhaps just the rest of the frame was not read; the next batch begins with it.
                break;
            } else {
                next = Frames.nextWhole(read, at + 1);
                damages.add(new Damage(from + at, Arrays.copyOfRange(read, at, next)));
            }
            at = next;
        }
        return new Batch(records, damages, segment.number, from + at);
    }

    /**
     * Takes a batch out.
     *
     * @param batch what {@link #next} gave; its records are in the store or set aside
     * @throws IOException when damaged bytes could not be set aside
     */
    public void done(Batch batch) throws IOException {
        lock.lock();
        try {
            if (closed) {
                // Whoever has the directory now gives the batch out again.
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
                        + " bytes of the spool are damaged and hold no record any more; they were set aside in " + file
                        + ". A record in them is lost unless it can be read from there");
    }

    /** Segments that were taken out to their end, but for the one that is appended to. */
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

    /** Makes this directory's leftovers the first to be read. */
    private void recover() throws IOException {
        long[] reached = position.read();
        lastNumber = reached[0];
        for (Path file : segmentFiles(slot.directory())) {
            lastNumber = Math.max(lastNumber, Segment.number(file));
            byte[] read = Files.readAllBytes(file);
            if (Segment.number(file) < reached[0] && Segment.kind(read) == Segment.Kind.OURS) {
                Files.delete(file);
                continue;
            }
            recover(file, read).ifPresent(segment -> enqueue(segment, read, reached));
        }
        if (waiting > 0) {
            LOG.log(Level.INFO, waiting + " records of an earlier run wait in " + slot.directory());
        }
    }

    private void enqueue(Segment segment, byte[] read, long[] position) {
        int from = Segment.HEADER_BYTES;
        boolean taken =
                segments.isEmpty() && segment.number == position[0] && isBoundary(read, position[1], segment.end);
        if (taken) {
            from = Math.toIntExact(position[1]);
            this.taken = position[1];
        }
        segments.addLast(segment);
        bytes += segment.end;
        waiting += records(read, from, segment.end);
    }

    private static boolean isBoundary(byte[] read, long at, long end) {
        return at == end || at >= Segment.HEADER_BYTES && at < end && Frames.isWhole(read, Math.toIntExact(at));
    }

    private static long records(byte[] read, int from, long end) {
        long count = 0;
        int at = from;
        while (at < end) {
            if (Frames.isWhole(read, at)) {
                count++;
                at += Frames.sizeAt(read, at);
            } else {
                at = Frames.nextWhole(read, at + 1);
            }
        }
        return count;
    }

    private Optional<Segment> recover(Path file, byte[] read) throws IOException {
        switch (Segment.kind(read)) {
            case EMPTY -> Files.delete(file);
            case FOREIGN -> LOG.log(Level.ERROR, file + " is no file of the spool and is left alone");
            case OTHER_VERSION ->
                LOG.log(
                        Level.ERROR,
                        file
                                + " was written by another version of Tokentally and is left alone: its records are not in the"
                                + " store until that version has run on this directory once more");
            case OURS -> {
                int end = Segment.endOfKept(read);
                if (end < read.length) {
                    LOG.log(
                            Level.INFO,
                            "Cut off " + (read.length - end) + " bytes of " + file
                                    + ": a record that was being written when its process ended");
                    cut(file, end);
                }
                return Optional.of(new Segment(Segment.number(file), file, end));
            }
        }
        return Optional.empty();
    }

    private void cut(Path file, long end) throws IOException {
        try (SegmentFile torn = opener.open(file)) {
            torn.truncate(end);
        }
    }

    private static List<Path> segmentFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> Segment.number(file) >= 0).sorted().toList();
        }
    }

    /**
     * Takes over what deployments of this application that are gone have left in directories of their own: some of it, so that the
     * next records have room too. The rest stays where it is, for a later call or another deployment.
     *
     * @return how many records; to be called again when it was any
     * @throws IOException when a file could not be read or moved
     */
    public long adopt() throws IOException {
        for (Path sibling : slot.siblings()) {
            if (adoptable(sibling).isEmpty() && RejectedRecords.size(sibling) == 0) {
                continue;
            }
            Optional<Slot> orphan = Slot.tryAcquire(sibling);
            if (orphan.isPresent()) {
                try (Slot locked = orphan.get()) {
                    adoptRejected(locked);
                    long adopted = adopt(locked);
                    if (adopted > 0) {
                        return adopted;
                    }
                }
            }
        }
        return 0;
    }

    /** All of them where there is room for all. After a crash in between, they are taken over once more, and are there once. */
    private void adoptRejected(Slot orphan) throws IOException {
        if (RejectedRecords.size(orphan.directory()) == 0) {
            return;
        }
        try (RejectedRecords left = RejectedRecords.open(orphan.directory(), opener, options.maxBytes() / 10)) {
            for (Rejected each : left.all()) {
                if (!rejected.hasRoomFor(each)) {
                    return;
                }
                rejected.add(each);
            }
            rejected.force();
            left.delete();
        }
    }

    private List<Path> adoptable(Path directory) throws IOException {
        return segmentFiles(directory).stream()
                .filter(file -> !leftAlone.contains(file))
                .toList();
    }

    /** The orphan's lock keeps all others off the files, so that appends need not wait while they are read. */
    private long adopt(Slot orphan) throws IOException {
        List<Leftover> found = new ArrayList<>();
        long size = 0;
        for (Path file : adoptable(orphan.directory())) {
            long next = Files.size(file);
            if (size > 0 && size + next > ADOPTED_AT_ONCE_BYTES || !hasRoomFor(size + next, size == 0)) {
                break;
            }
            byte[] read = Files.readAllBytes(file);
            Optional<Segment> ours = recover(file, read);
            if (ours.isPresent()) {
                long end = ours.get().end;
                found.add(new Leftover(file, end, records(read, Segment.HEADER_BYTES, end)));
                size += end;
            } else {
                leftAlone.add(file);
            }
        }
        return found.isEmpty() ? 0 : take(found);
    }

    /** At most half of the spool is for what others have left, as an outage may begin; one file has room where none is. */
    private boolean hasRoomFor(long size, boolean isOneFile) {
        lock.lock();
        try {
            return isOneFile && waiting == 0 || bytes + besideBytes() + size <= options.maxBytes() / 2;
        } finally {
            lock.unlock();
        }
    }

    private long take(List<Leftover> found) throws IOException {
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
                segments.addLast(new Segment(lastNumber, here, leftover.end()));
                bytes += leftover.end();
                waiting += leftover.records();
                adopted += leftover.records();
            }
            return adopted;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A file that a deployment which is gone has left.
     *
     * @param file where it is
     * @param end of what is kept of it
     * @param records how many are in it
     */
    private record Leftover(Path file, long end, long records) {}

    /**
     * How many records wait.
     *
     * @return those appended and not yet taken out, of earlier runs too
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
     * @return the count, of this run
     */
    public long damaged() {
        return damaged;
    }

    /**
     * Since when the first one waits.
     *
     * @return when the call that is next in turn started; empty when none waits
     * @throws IOException when the disk does not give it
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

    /** Closes the files and lets go of the directory; what waits is left there. Does nothing the second time. */
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
