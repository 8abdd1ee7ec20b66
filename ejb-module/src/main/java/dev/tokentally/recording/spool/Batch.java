package dev.tokentally.recording.spool;

import dev.tokentally.usage.CallRecord;
import java.util.List;

/**
 * The records that are next in turn; they stay in the spool until {@link Spool#done} is told.
 *
 * @param records what to store; empty where only damaged bytes were found
 * @param damaged what lay between them and is no record any more
 * @param segment where they are
 * @param end where the next batch begins
 */
public record Batch(List<CallRecord> records, List<Damage> damaged, long segment, long end) {

    /**
     * Whether another ends where this one does, or before.
     *
     * @param other of the same spool
     * @return whether it does
     */
    public boolean reaches(Batch other) {
        return segment > other.segment || segment == other.segment && end >= other.end;
    }

    /**
     * Bytes that are no record.
     *
     * @param at where they begin in their segment
     * @param bytes what was found there
     */
    record Damage(long at, byte[] bytes) {}
}
