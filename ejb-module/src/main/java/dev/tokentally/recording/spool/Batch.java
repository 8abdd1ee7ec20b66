package dev.tokentally.recording.spool;

import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The records that are next in turn. They stay in the spool until {@link Spool#done} is called.
 *
 * @param records what to store; empty if only damaged bytes were found
 * @param damaged bytes between them that are no record any more
 * @param segment where they are
 * @param end where the next batch begins
 */
public record Batch(List<CallRecord> records, List<Damage> damaged, long segment, long end) {

    private static final int READ_BYTES = 256 << 10;

    /** Reads the bytes between two places of a segment, or the first of these bytes. */
    static Batch read(Segment segment, long from, long end, int max) throws IOException {
        long chunkEnd = Math.min(end, from + READ_BYTES);
        Batch batch = parse(segment, from, Segment.read(segment.path, from, chunkEnd), chunkEnd < end, max);
        if (!batch.damaged().isEmpty() && chunkEnd < end) {
            batch = parse(segment, from, Segment.read(segment.path, from, end), false, max);
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
                // Perhaps only the rest of the frame was not read yet. The next batch begins with this frame.
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
     * Whether another batch ends where this one ends, or before.
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
