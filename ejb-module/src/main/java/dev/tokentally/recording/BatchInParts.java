package dev.tokentally.recording;

import dev.tokentally.recording.spool.Batch;
import dev.tokentally.usage.CallRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a batch is settled, which outlives any failure of a later part. Each part is a transaction of its own; one that is refused, or
 * that gets no answer in time, is tried again as two halves. A record that is refused alone is at first only suspected: the
 * store may refuse any. Once others were seen to pass, the suspects are tried once more. Used by one thread.
 */
final class BatchInParts {

    private final Batch batch;
    private final Deque<List<CallRecord>> left = new ArrayDeque<>();
    private final List<CallRecord> suspects = new ArrayList<>();
    private final Map<CallRecord, String> refused = new LinkedHashMap<>();
    private boolean untouched = true;
    private boolean othersPass;

    BatchInParts(Batch batch) {
        this.batch = batch;
        if (!batch.records().isEmpty()) {
            left.add(batch.records());
        }
    }

    Batch batch() {
        return batch;
    }

    /** Whether nothing is left to try; there may be suspects. */
    boolean isTried() {
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

    /** The next part is in the store. */
    void stored() {
        untouched = false;
        left.removeFirst();
    }

    /** The next part, a single record, was refused. */
    void refused(String reason) {
        untouched = false;
        CallRecord record = left.removeFirst().get(0);
        if (othersPass) {
            refused.put(record, reason);
        } else {
            suspects.add(record);
        }
    }

    /** The store was seen to take other records. */
    void othersPass() {
        othersPass = true;
        if (!suspects.isEmpty()) {
            left.addFirst(List.copyOf(suspects));
            suspects.clear();
        }
    }

    boolean doOthersPass() {
        return othersPass;
    }

    /** Those that were refused before any other passed. */
    List<CallRecord> suspects() {
        return suspects;
    }

    /** What the store refuses while it takes others, with what it said. */
    Map<CallRecord, String> refused() {
        return refused;
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
