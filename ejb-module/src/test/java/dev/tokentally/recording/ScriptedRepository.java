package dev.tokentally.recording;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** A store that first fails as its script says, and then stores. It remembers what was tried. */
final class ScriptedRepository implements UsageRepository {

    /** For an attempt in the script that does not fail. */
    static final Throwable SUCCESS = new Throwable();

    final List<String> tries = new CopyOnWriteArrayList<>();
    final Map<UUID, CallRecord> stored = new ConcurrentHashMap<>();
    final Set<UUID> poison = ConcurrentHashMap.newKeySet();
    /** Whether the failure does not show that the poison's values are the reason, as with a customer's trigger. */
    volatile boolean poisonIsAnyFailure;
    /** The records that meet another transaction, once each. */
    final Set<UUID> conflicts = ConcurrentHashMap.newKeySet();

    /** The records that meet another transaction that does not end. */
    final Set<UUID> locked = ConcurrentHashMap.newKeySet();

    /** How many records it was asked to count, since they came too late. */
    final AtomicLong tooOld = new AtomicLong();

    volatile CountDownLatch frozen = new CountDownLatch(0);
    volatile UsageStoreException down;
    /** What is slow: the beginnings of entries in {@link #tries}, with a bar between them; null for nothing. */
    volatile String slow;

    volatile long slowMillis;
    private final Deque<Throwable> script;

    ScriptedRepository(Throwable... script) {
        this.script = new ArrayDeque<>(Arrays.asList(script));
    }

    @Override
    public void store(CallRecord record) throws UsageStoreException {
        attempt("store " + record.id(), List.of(record));
    }

    @Override
    public void storeAgain(CallRecord record) throws UsageStoreException {
        attempt("storeAgain " + record.id(), List.of(record));
    }

    @Override
    public Set<UUID> storeAll(List<CallRecord> records) throws UsageStoreException {
        Set<UUID> there = Set.copyOf(stored.keySet());
        attempt("storeAll " + records.size(), records);
        return records.stream()
                .map(CallRecord::id)
                .filter(id -> !there.contains(id))
                .collect(Collectors.toSet());
    }

    @Override
    public void check() throws UsageStoreException {
        attempt("check", List.of());
    }

    @Override
    public void countTooOld(long records) throws UsageStoreException {
        attempt("countTooOld " + records, List.of());
        tooOld.addAndGet(records);
    }

    private void attempt(String what, List<CallRecord> records) throws UsageStoreException {
        tries.add(what);
        try {
            frozen.await();
            if (isSlow(what)) {
                Thread.sleep(slowMillis);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("the store's thread was interrupted", e);
        }
        Throwable failure = next();
        if (failure instanceof UsageStoreException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        for (CallRecord record : records) {
            if (conflicts.remove(record.id()) || locked.contains(record.id())) {
                throw new WriteConflictException("another transaction stood in the way", null);
            }
            if (poison.contains(record.id()) && poisonIsAnyFailure) {
                throw new UsageStoreException("the store refused the record", null);
            }
            if (poison.contains(record.id())) {
                throw new RecordRefusedException("the store refused the record", null);
            }
        }
        records.forEach(record -> stored.put(record.id(), record));
    }

    private boolean isSlow(String what) {
        String now = slow;
        return now != null && Arrays.stream(now.split("\\|")).anyMatch(what::startsWith);
    }

    /** The next attempts after those in the script end so. */
    synchronized void fail(int attempts, Throwable failure) {
        for (int i = 0; i < attempts; i++) {
            script.add(failure);
        }
    }

    private synchronized Throwable next() {
        return down != null ? down : script.poll();
    }
}
