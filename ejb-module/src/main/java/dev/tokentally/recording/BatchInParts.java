package dev.tokentally.recording;

import dev.tokentally.recording.spool.Batch;
import dev.tokentally.usage.CallRecord;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;

/**
 * Remembers which parts of a batch are settled, also when a later part fails. Each part is a transaction of its own. A part that is
 * refused is tried again as two halves. A record that is refused alone is at first only a suspect, since the store may be refusing
 * every record. Once the store has taken other records, the suspects are tried once more. A record that meets another transaction
 * waits until the others were tried. Used by one thread.
 *
 * <p>The methods that settle a part take it as a parameter, since it may no longer be the first one: other parts may have been put
 * before it while it was tried.
 *
 * <p>If memory is short, any step may end with an Error. So a part is taken out last: it may then be tried twice, which does no harm,
 * but no record is forgotten.
 */
final class BatchInParts {

    private final Batch batch;
    /** No {@link java.util.ArrayDeque}, which seems to be empty after an Error while it grows. */
    private final Deque<List<CallRecord>> left = new LinkedList<>();

    private final List<CallRecord> suspects = new ArrayList<>();
    private final Map<CallRecord, String> refused = new LinkedHashMap<>();
    private final Map<CallRecord, String> tooOld = new LinkedHashMap<>();
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

    /** Whether every part was tried. There may still be suspects. */
    boolean isTried() {
        return left.isEmpty();
    }

    /** Whether no part of the batch was settled, and none was split because it was refused. */
    boolean isUntouched() {
        return untouched;
    }

    /**
     * The next part. It is the same until it is settled or split, or until fewer records are asked for.
     *
     * @param atMost how many records it has at most
     */
    List<CallRecord> next(int atMost) {
        List<CallRecord> part = left.getFirst();
        if (part.size() > atMost) {
            replace(part, atMost);
        }
        return left.getFirst();
    }

    /** Puts the two pieces of a part in front, and takes the part out. */
    private void replace(List<CallRecord> part, int firstSize) {
        left.addFirst(part.subList(firstSize, part.size()));
        left.addFirst(part.subList(0, firstSize));
        remove(part);
    }

    /** The part is in the store. */
    void stored(List<CallRecord> part) {
        settled(part);
    }

    /** The part, a single record, was refused. */
    void refused(List<CallRecord> part, String reason) {
        if (othersPass) {
            refused.put(part.get(0), reason);
        } else {
            suspects.add(part.get(0));
        }
        settled(part);
    }

    /** The part, a single record, came too late. Whether the store takes others does not matter for it. */
    void tooOld(List<CallRecord> part, String reason) {
        tooOld.put(part.get(0), reason);
        settled(part);
    }

    /** The part, a single record, waits in the spool behind this batch. */
    void waitsBehind(List<CallRecord> part) {
        settled(part);
    }

    private void settled(List<CallRecord> part) {
        untouched = false;
        remove(part);
    }

    private void remove(List<CallRecord> part) {
        if (!left.removeIf(other -> other == part)) {
            throw new IllegalArgumentException("the part is not left");
        }
    }

    /** The store has taken other records. */
    void othersPass() {
        othersPass = true;
        if (!suspects.isEmpty()) {
            left.addFirst(List.copyOf(suspects));
            suspects.clear();
        }
    }

    /** Another transaction is in the way of the part, a single record. The other parts come first now. */
    void later(List<CallRecord> part) {
        remove(part);
        left.addLast(part);
    }

    /** Whether there is only one part left. */
    boolean isLast() {
        return left.size() == 1;
    }

    boolean doOthersPass() {
        return othersPass;
    }

    /** Records that were refused before the store took any other. */
    List<CallRecord> suspects() {
        return suspects;
    }

    /** The records that the store refuses while it takes others, each with the store's reason. */
    Map<CallRecord, String> refused() {
        return refused;
    }

    /** The records of a time whose calls were dropped, each with the store's reason. */
    Map<CallRecord, String> tooOld() {
        return tooOld;
    }

    /** Splits the part in two, which are the next ones. A part of a single record stays as it is. */
    void split(List<CallRecord> part) {
        if (part.size() > 1) {
            untouched = false;
            replace(part, part.size() / 2);
        }
    }
}
