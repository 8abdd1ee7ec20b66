package dev.tokentally.recording;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A store that was away at the start. The first check after its return prepares it, which takes longer than three attempts. */
final class UnpreparedRepository implements UsageRepository {

    private static final long PREPARATION_MILLIS = 700;

    final AtomicInteger checks = new AtomicInteger();
    final AtomicInteger stored = new AtomicInteger();
    volatile boolean isAway = true;
    private volatile boolean isBeingPrepared;
    private volatile boolean isPrepared;

    @Override
    public void store(CallRecord record) throws UsageStoreException {
        if (!isPrepared) {
            throw new StoreUnavailableException("not prepared", null);
        }
        stored.incrementAndGet();
    }

    @Override
    public void storeAgain(CallRecord record) throws UsageStoreException {
        store(record);
    }

    @Override
    public Set<UUID> storeAll(List<CallRecord> records) throws UsageStoreException {
        check();
        stored.addAndGet(records.size());
        return records.stream().map(CallRecord::id).collect(Collectors.toSet());
    }

    @Override
    public Readiness readiness() {
        boolean being = isBeingPrepared;
        return isPrepared ? Readiness.READY : being ? Readiness.BEING_PREPARED : Readiness.NOT_REACHED;
    }

    @Override
    public void check() throws UsageStoreException {
        checks.incrementAndGet();
        if (isAway) {
            throw new StoreUnavailableException("away", null);
        }
        if (!isPrepared) {
            isBeingPrepared = true;
            try {
                Thread.sleep(PREPARATION_MILLIS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            isPrepared = true;
            isBeingPrepared = false;
        }
    }
}
