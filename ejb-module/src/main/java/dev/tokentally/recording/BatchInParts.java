package dev.tokentally.recording;

import dev.tokentally.recording.spool.Batch;
import dev.tokentally.usage.CallRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * How far a batch is settled, which outlives any failure of a later part. Each part is a transaction of its own; one that is refused, or
 * that gets no answer in time, is tried again as two halves. Used by one thread.
 */
final class BatchInParts {

    private final Batch batch;
    private final Deque<List<CallRecord>> left = new ArrayDeque<>();
    private boolean untouched = true;

    BatchInParts(Batch batch) {
        this.batch = batch;
        if (!batch.records().isEmpty()) {
            left.add(batch.records());
        }
    }

    Batch batch() {
        return batch;
    }

    boolean isSettled() {
        return left.isEmpty();
    }

    /** Whether no part of it was settled or split. */
    boolean isUntouched() {
        return untouched;
    }

    /** The same until it is settled or split. */
    List<CallRecord> next() {
        return left.getFirst();
    }

    /** The next part is in the store or set aside. */
    void settled() {
        untouched = false;
        left.removeFirst();
    }

    /** Makes two of the next part; leaves one that is a single record. */
    void split() {
        List<CallRecord> part = left.getFirst();
        if (part.size() > 1) {
            untouched = false;
            left.removeFirst();
            int half = part.size() / 2;
            left.addFirst(part.subList(half, part.size()));
            left.addFirst(part.subList(0, half));
        }
    }
}
