package dev.tokentally.recording;

import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallTiming;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Records that show whether the store takes any, where it has refused one: the last that it took, and the newest that waits.
 * Safe for use by many threads.
 */
final class Witness {

    private final Clock clock;
    private volatile CallRecord stored;
    private volatile CallRecord newest;

    Witness(Clock clock) {
        this.clock = clock;
    }

    /** The store took this one. */
    void stored(CallRecord record) {
        stored = record;
    }

    /** This one was left to the spool. */
    void waits(CallRecord record) {
        newest = record;
    }

    /**
     * Records like those, to be tried out and not kept: of now, since the store may lack a partition for the time of the one
     * that it refused.
     *
     * @param suspect what was refused
     */
    List<CallRecord> likeOthers(CallRecord suspect) {
        List<CallRecord> others = new ArrayList<>();
        for (CallRecord other : new CallRecord[] {stored, newest}) {
            if (other != null && !other.id().equals(suspect.id())) {
                others.add(now(other));
            }
        }
        return others;
    }

    private CallRecord now(CallRecord like) {
        return new CallRecord(
                idLike(like.id()),
                new CallOrigin(like.callId(), like.tenantId(), like.operation()),
                new CallTiming(clock.instant().truncatedTo(ChronoUnit.MICROS), like.callDuration(), like.firstToken()),
                like.usage(),
                like.cost(),
                like.outcome());
    }

    /** One that no record has, and that no other node tries out meanwhile. It is never kept. */
    private static UUID idLike(UUID id) {
        return new UUID(~id.getMostSignificantBits(), ~id.getLeastSignificantBits());
    }
}
