package dev.tokentally.recording;

import dev.tokentally.recording.spool.Batch;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.recording.spool.RejectedRecords;
import dev.tokentally.usage.CallRecord;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The records that were set aside and are due for another try, some at a time and in parts. Used by one thread. */
final class Retries {

    private static final Logger LOG = System.getLogger(Retries.class.getName());

    private static final int AT_ONCE = 100;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final RejectedRecords rejected;
    private final Clock clock;
    private final Map<UUID, Rejected> tried = new HashMap<>();
    private BatchInParts parts;
    private long lookedAt = System.nanoTime() - LOOK_NANOS;
    private long stored;

    Retries(RejectedRecords rejected, Clock clock) {
        this.rejected = rejected;
        this.clock = clock;
    }

    /** The next part. It is the same until one of the methods below tells how it went; empty if none is due. */
    List<CallRecord> next() throws IOException {
        if (parts == null && System.nanoTime() - lookedAt >= LOOK_NANOS) {
            lookedAt = System.nanoTime();
            begin(rejected.due(clock.instant(), AT_ONCE));
        }
        return parts == null ? List.of() : parts.next();
    }

    private void begin(List<Rejected> due) {
        if (due.isEmpty()) {
            tellOfStored();
            return;
        }
        tried.clear();
        due.forEach(each -> tried.put(each.call().id(), each));
        List<CallRecord> calls = due.stream().map(Rejected::call).collect(Collectors.toList());
        parts = new BatchInParts(new Batch(calls, List.of(), 0, 0));
    }

    void split() {
        parts.split();
    }

    void stored() {
        for (CallRecord call : parts.next()) {
            rejected.stored(call.id());
            stored++;
        }
        parts.stored();
        goOn();
    }

    /** A single record was refused again. */
    void refused(String reason) {
        rejected.refusedAgain(tried.get(parts.next().get(0).id()), reason, clock.instant());
        // For these records it no longer matters whether others pass.
        parts.othersPass();
        parts.refused(reason);
        goOn();
    }

    private void goOn() {
        if (parts.isTried()) {
            parts = null;
            lookedAt = System.nanoTime() - LOOK_NANOS;
        }
    }

    private void tellOfStored() {
        if (stored > 0) {
            LOG.log(Level.INFO, stored + " records that the store had refused are stored now");
            stored = 0;
        }
    }
}
