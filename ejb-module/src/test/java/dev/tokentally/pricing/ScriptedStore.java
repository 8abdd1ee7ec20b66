package dev.tokentally.pricing;

import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepricing;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/** A store in memory. A test can let it fail, hide the outcome of a change, or wait. */
final class ScriptedStore implements UsageRepricing {

    final List<CallRecord> calls = new ArrayList<>();
    final Set<UUID> changedByOthers = new HashSet<>();

    /** When a call was stored; the others were stored long ago. */
    final Map<UUID, Instant> storedAt = new HashMap<>();

    /** Run before the search for late calls. */
    Runnable beforeLateCalls = () -> {};

    /** The failures with which it answers the next questions; it answers correctly while there are none. */
    final ConcurrentLinkedDeque<UsageStoreException> failures = new ConcurrentLinkedDeque<>();

    /** How many of the next changes arrive although they are answered with a failure. */
    int lostAnswers;

    /** Thrown at the next question from when on calls are kept; null for none. */
    volatile Error fault;

    /** Thrown by the changes; null for none. */
    RuntimeException broken;

    /** Reading a page needs a permit. */
    Semaphore pages = new Semaphore(Integer.MAX_VALUE);

    @Override
    public synchronized List<CallRecord> newestCalls(Window window, CallPosition after, int limit)
            throws UsageStoreException {
        pages.acquireUninterruptibly();
        failIfTold();
        return calls(window, after, limit, Instant.MIN);
    }

    @Override
    public synchronized List<CallRecord> storedSince(Instant since, Window window, CallPosition after, int limit)
            throws UsageStoreException {
        beforeLateCalls.run();
        failIfTold();
        return calls(window, after, limit, since);
    }

    @Override
    public Instant oldestWrite() {
        return Instant.now();
    }

    private List<CallRecord> calls(Window window, CallPosition after, int limit, Instant since) {
        CallRecord last = after == null ? null : at(after);
        return calls.stream()
                .filter(call -> !storedAt.getOrDefault(call.id(), Instant.MIN).isBefore(since))
                .filter(call -> window.from() == null || !call.startedAt().isBefore(window.from()))
                .filter(call -> window.to() == null || call.startedAt().isBefore(window.to()))
                .sorted(order())
                .filter(call -> last == null || order().compare(call, last) > 0)
                .limit(limit)
                .toList();
    }

    private static Comparator<CallRecord> order() {
        return Comparator.comparing(CallRecord::startedAt)
                .thenComparing(CallRecord::id)
                .reversed();
    }

    private CallRecord at(CallPosition position) {
        return calls.stream()
                .filter(call -> call.id().equals(position.id()))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public synchronized Set<UUID> reprice(List<CostChange> changes) throws UsageStoreException {
        failIfTold();
        if (broken != null) {
            throw broken;
        }
        Set<UUID> left = new HashSet<>();
        for (CostChange change : changes) {
            CallRecord changed = change.call().withCost(change.cost());
            int index = calls.indexOf(change.call());
            if (changedByOthers.contains(changed.id()) || index < 0 && !calls.contains(changed)) {
                left.add(changed.id());
            } else if (index >= 0) {
                calls.set(index, changed);
            }
        }
        if (lostAnswers > 0) {
            lostAnswers--;
            throw new StoreUnavailableException("the answer is lost", null);
        }
        return left;
    }

    @Override
    public Instant callsKeptFrom(Window window) {
        Error thrown = fault;
        if (thrown != null) {
            fault = null;
            throw thrown;
        }
        return null;
    }

    private void failIfTold() throws UsageStoreException {
        UsageStoreException failure = failures.poll();
        if (failure != null) {
            throw failure;
        }
    }
}
