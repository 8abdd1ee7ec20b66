package dev.tokentally.usage;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Where the cost of recorded calls is corrected. Each method makes one short transaction of its own, so that recording
 * goes on. Safe for use by many threads at once. Waits for the store as long as it takes.
 */
public interface UsageRepricing {

    /**
     * Calls of all tenants, newest first.
     *
     * @param window which calls
     * @param after where the list before this one ended; null to begin with the newest
     * @param limit how many at the most; positive
     * @return the calls; fewer than the limit only when there are no more
     * @throws StoreUnavailableException when the store was out of reach
     * @throws UsageStoreException when the store is there but cannot answer
     */
    List<CallRecord> newestCalls(Window window, CallPosition after, int limit) throws UsageStoreException;

    /**
     * Changes costs, all of them or none, and nothing else: a call whose cost is no longer as it was read is left as it is.
     * May be repeated when its outcome is not known.
     *
     * @param changes what to change; each call once
     * @return the calls that were left as they are
     * @throws StoreUnavailableException when the store was out of reach; whether they were changed is then unknown
     * @throws UsageStoreException when the store is there but cannot change them
     */
    Set<UUID> reprice(List<CostChange> changes) throws UsageStoreException;
}
