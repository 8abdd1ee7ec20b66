package dev.tokentally.recording;

import dev.tokentally.recording.spool.Batch;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.recording.spool.RejectedRecords;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.text.QuietLog;
import dev.tokentally.text.Summary;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordTooOldException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The records that the store refuses while it takes others. They leave the spool, and are tried again when they are due, some at a
 * time and in parts. If another transaction is in the way of one of them, that counts as a refusal, so the others need not wait for
 * it. Used by one thread.
 */
final class SetAside {

    private static final Logger LOG = QuietLog.of(SetAside.class);

    private static final int AT_ONCE = 100;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** When the store is asked again to count records that it could not count. */
    private static final long COUNT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Path directory;
    private final RejectedRecords records;
    private final StoreLink store;
    private final Clock clock;
    private final Ticker ticker;
    private final Summary refused;
    private final Summary dropped;
    private final Map<UUID, Rejected> tried = new HashMap<>();
    private BatchInParts parts;
    private long lookedAt;
    private long stored;
    /** Records that came too late and are not counted in the store yet. */
    private long uncounted;

    private long countedAt;

    /**
     * The first look at the records is due at once.
     *
     * @param refused tells of each record that is set aside
     * @param dropped tells of each record that is lost
     */
    SetAside(Spool spool, StoreLink store, Clock clock, Ticker ticker, Summary refused, Summary dropped) {
        this.directory = spool.directory();
        this.records = spool.rejected();
        this.store = store;
        this.clock = clock;
        this.ticker = ticker;
        this.refused = refused;
        this.dropped = dropped;
        this.countedAt = ticker.nanoTime();
        this.lookedAt = ticker.nanoTime() - LOOK_NANOS;
    }

    /**
     * Sets records aside, and takes each out of the map. When this returns, the records are on the disk, since they leave the spool
     * next.
     *
     * @param reasons the records, each with the store's reason
     */
    void add(Map<CallRecord, String> reasons) throws IOException {
        Iterator<Map.Entry<CallRecord, String>> each = reasons.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<CallRecord, String> next = each.next();
            List<Rejected> gone = records.add(next.getKey(), next.getValue(), clock.instant());
            refused.add("The store refuses a record while it takes others, " + LogText.of(next.getKey()) + ": "
                    + next.getValue() + ". It is set aside in " + directory
                    + " and tried again automatically; GET /recording/rejected lists it");
            gone.forEach(this::tellOfDropped);
            each.remove();
        }
        records.force();
    }

    /**
     * Sets records aside that no later try can store, takes each out of the map, and has the store count them.
     *
     * @param reasons the records, each with the store's reason
     */
    void addTooOld(Map<CallRecord, String> reasons) throws IOException {
        Iterator<Map.Entry<CallRecord, String>> each = reasons.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<CallRecord, String> next = each.next();
            // If the process ended before the record left the spool, an earlier run has counted it.
            boolean isNew = !records.contains(next.getKey().id());
            records.addForGood(next.getKey(), next.getValue(), clock.instant()).forEach(this::tellOfDropped);
            refused.add("A record comes too late, " + LogText.of(next.getKey()) + ": " + next.getValue()
                    + ". It is kept in " + directory + "; GET /recording/rejected lists it");
            uncounted += isNew ? 1 : 0;
            each.remove();
        }
        records.force();
        count();
    }

    /** If the store is lost meanwhile, it counts them later. */
    private void count() {
        countedAt = ticker.nanoTime();
        if (uncounted > 0 && store.countTooOld(uncounted)) {
            uncounted = 0;
        }
    }

    private void tellOfDropped(Rejected gone) {
        dropped.add("An LLM call is not recorded, " + LogText.of(gone.call())
                + ": refused records have reached their limit, " + records.roomBytes()
                + " bytes, and this was the oldest of them."
                + " The limit is a twentieth of tokentally.spool.max-bytes, and at most 64 MiB. The store said: "
                + gone.reason());
    }

    /** Makes one transaction for records that are due. Returns whether there were some and it made progress. */
    boolean retry() throws IOException {
        if (store.isDown()) {
            return false;
        }
        if (ticker.nanoTime() - countedAt >= COUNT_NANOS) {
            count();
        }
        List<CallRecord> part = next();
        if (part.isEmpty()) {
            return false;
        }
        StoreLink.Answer answer = store.store(part, false);
        if (answer.isRefusal() || answer.isConflict()) {
            if (part.size() > 1) {
                parts.split(part);
            } else if (answer.failure() instanceof RecordTooOldException) {
                tooOld(part, LogText.oneLine(answer.failure().getMessage()));
            } else {
                refused(part, LogText.of(answer.failure(), part.get(0)));
            }
            return true;
        }
        boolean well = store.conclude(answer, 0);
        if (well) {
            stored(part);
        }
        return well;
    }

    /** The next part that is due. It is the same until it is stored, refused or split; empty if none is due. */
    private List<CallRecord> next() throws IOException {
        if (parts == null && ticker.nanoTime() - lookedAt >= LOOK_NANOS) {
            lookedAt = ticker.nanoTime();
            begin(records.due(clock.instant(), AT_ONCE));
        }
        return parts == null ? List.of() : parts.next(store.atMost());
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

    private void stored(List<CallRecord> part) {
        for (CallRecord call : part) {
            records.stored(call.id());
            stored++;
        }
        parts.stored(part);
        goOn();
    }

    /** A single record was refused again, or another transaction is in its way. */
    private void refused(List<CallRecord> part, String reason) {
        records.refusedAgain(tried.get(part.get(0).id()), reason, clock.instant());
        // For these records it no longer matters whether others pass.
        parts.othersPass();
        parts.refused(part, reason);
        goOn();
    }

    /** Calls of the time of a single record have been dropped since it was set aside. */
    private void tooOld(List<CallRecord> part, String reason) {
        Rejected rejected = tried.get(part.get(0).id());
        records.refusedForGood(rejected, reason, clock.instant());
        if (!rejected.reason().equals(reason)) {
            uncounted++;
            count();
        }
        parts.tooOld(part, reason);
        goOn();
    }

    private void goOn() {
        if (parts.isTried()) {
            parts = null;
            lookedAt = ticker.nanoTime() - LOOK_NANOS;
        }
    }

    private void tellOfStored() {
        if (stored > 0) {
            LOG.log(Level.INFO, stored + " records that the store had refused are stored now");
            stored = 0;
        }
    }
}
