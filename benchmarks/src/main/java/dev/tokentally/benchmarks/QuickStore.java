package dev.tokentally.benchmarks;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageRepository;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;

/** A store that answers immediately and only counts. */
final class QuickStore implements UsageRepository {

    private final LongAdder stored = new LongAdder();

    long stored() {
        return stored.sum();
    }

    @Override
    public void store(CallRecord record) {
        stored.increment();
    }

    @Override
    public void storeAgain(CallRecord record) {
        stored.increment();
    }

    @Override
    public Set<UUID> storeAll(List<CallRecord> records) {
        stored.add(records.size());
        return Set.of();
    }

    @Override
    public void check() {
        // It can always be reached.
    }
}
