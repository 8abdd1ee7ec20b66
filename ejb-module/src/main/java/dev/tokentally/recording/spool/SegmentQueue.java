package dev.tokentally.recording.spool;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The segments whose records wait, the oldest first. A segment that cannot be read is put aside until it can, and does not count
 * meanwhile. The {@link Spool} guards the queue; only {@link #waiting} may be asked without its lock.
 */
final class SegmentQueue {

    private final Deque<Segment> segments = new ArrayDeque<>();
    private final List<Segment> unreadable = new ArrayList<>();
    private long bytes;
    private volatile long waiting;

    void addLast(Segment segment) {
        segments.addLast(segment);
        count(segment.end, segment.waiting);
    }

    /** A record was appended to the last segment. */
    void appended(int size) {
        Segment last = segments.getLast();
        last.end += size;
        last.waiting++;
        count(size, 1);
    }

    private void count(long moreBytes, long moreWaiting) {
        bytes += moreBytes;
        waiting += moreWaiting;
    }

    Segment last() {
        return segments.getLast();
    }

    boolean isLast(Segment segment) {
        return segments.peekLast() == segment;
    }

    long bytes() {
        return bytes;
    }

    long waiting() {
        return waiting;
    }

    /** The first records that wait. */
    Optional<Place> first() {
        return segments.stream()
                .filter(segment -> segment.taken < segment.end)
                .findFirst()
                .map(Place::new);
    }

    /** The first records behind a batch. */
    Optional<Place> behind(Batch batch) {
        boolean isBehind = false;
        for (Segment segment : segments) {
            if (isBehind && segment.taken < segment.end) {
                return Optional.of(new Place(segment));
            }
            if (segment.number == batch.segment()) {
                if (batch.end() < segment.end) {
                    return Optional.of(new Place(segment, batch.end(), segment.end));
                }
                isBehind = true;
            }
        }
        return Optional.empty();
    }

    /** The records of a batch are taken out. Its segment may have been put aside meanwhile. */
    void take(Batch batch) {
        for (Segment segment : segments) {
            if (segment.number == batch.segment()) {
                long before = segment.waiting;
                take(segment, batch);
                count(0, segment.waiting - before);
            }
        }
        unreadable.stream()
                .filter(segment -> segment.number == batch.segment())
                .forEach(segment -> take(segment, batch));
    }

    private static void take(Segment segment, Batch batch) {
        segment.taken = batch.end();
        // If damaged bytes were counted as records, these are gone with the last record.
        segment.waiting = segment.taken == segment.end
                ? 0
                : segment.waiting - batch.records().size();
    }

    /**
     * Removes the first segment if all of its records were taken out.
     *
     * @param isAppendedTo whether records are appended to the last segment, which then stays
     */
    Optional<Segment> pollFinished(boolean isAppendedTo) {
        Segment first = segments.peekFirst();
        if (first == null || first.taken < first.end || isAppendedTo && isLast(first)) {
            return Optional.empty();
        }
        segments.removeFirst();
        count(-first.end, -first.waiting);
        return Optional.of(first);
    }

    /** Puts a segment aside that cannot be read. */
    void putAside(Segment segment) {
        if (segments.remove(segment)) {
            count(-segment.end, -segment.waiting);
            unreadable.add(segment);
        }
    }

    /** What has been put aside and has records that wait. */
    List<Place> aside() {
        return unreadable.stream()
                .filter(segment -> segment.taken < segment.end)
                .map(Place::new)
                .toList();
    }

    /** A segment that was put aside can be read again, and comes first. */
    void putBack(Segment segment) {
        unreadable.remove(segment);
        segments.addFirst(segment);
        count(segment.end, segment.waiting);
    }

    /**
     * Records in a segment. They can be read without the spool's lock.
     *
     * @param segment where they are
     * @param from where the first one begins
     * @param end where the last one ends
     */
    record Place(Segment segment, long from, long end) {

        Place(Segment segment) {
            this(segment, segment.taken, segment.end);
        }

        Batch read(int max) throws IOException {
            return Batch.read(segment, from, end, max);
        }
    }
}
