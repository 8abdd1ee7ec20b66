package dev.tokentally.langchain4j;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageRepository;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/** A store that gives no answer until it is thawed. After that it stores. */
final class FrozenStore implements UsageRepository {

    private final CountDownLatch thawed = new CountDownLatch(1);
    private final Map<UUID, CallRecord> stored = new ConcurrentHashMap<>();

    /** Makes it store from now on. */
    void thaw() {
        thawed.countDown();
    }

    /** Its records, in no order. */
    List<CallRecord> stored() {
        return List.copyOf(stored.values());
    }

    @Override
    public void store(CallRecord record) {
        storeAll(List.of(record));
    }

    @Override
    public void storeAgain(CallRecord record) {
        storeAll(List.of(record));
    }

    @Override
    public Set<UUID> storeAll(List<CallRecord> records) {
        check();
        records.forEach(record -> stored.put(record.id(), record));
        return records.stream().map(CallRecord::id).collect(Collectors.toSet());
    }

    @Override
    public void check() {
        try {
            thawed.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("the store's thread was interrupted", e);
        }
    }
}
