package dev.tokentally.usage;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Corrects the cost of recorded calls. Each method uses one short transaction of its own, so that recording goes on. It
 * waits for the store without a limit. Safe for use by many threads at once.
 */
public interface UsageRepricing {

    /**
     * Calls of all tenants, newest first.
     *
     * @param window the time in which the calls started
     * @param after the place where the previous list ended; null to begin with the newest call
     * @param limit the most calls; positive
     * @return the calls; fewer than the limit only if there are no more
     * @throws StoreUnavailableException when the store could not be reached
     * @throws WriteConflictException when another transaction was in the way; a later try may succeed
     * @throws UsageStoreException when the store can be reached but cannot answer
     */
    List<CallRecord> newestCalls(Window window, CallPosition after, int limit) throws UsageStoreException;

    /**
     * Of the calls of a window, those that were stored at an instant or later. The store looks at all calls of the window to find
     * them, so a long window takes long.
     *
     * @param since the instant, by the store's clock
     * @param window the time in which the calls started
     * @param after the place where the previous list ended; null to begin with the newest call
     * @param limit the most calls; positive
     * @return the calls, newest first; fewer than the limit only if there are no more
     * @throws StoreUnavailableException when the store could not be reached
     * @throws WriteConflictException when another transaction was in the way; a later try may succeed
     * @throws UsageStoreException when the store can be reached but cannot answer
     */
    List<CallRecord> storedSince(Instant since, Window window, CallPosition after, int limit)
            throws UsageStoreException;

    /**
     * When the oldest write of calls began that has not ended, by the store's clock. No call that is stored from now on says that
     * it was stored earlier, unless its write has not reached the store's table yet.
     *
     * @return the instant; the present if there is no such write
     * @throws StoreUnavailableException when the store could not be reached
     * @throws UsageStoreException when the store can be reached but cannot answer
     */
    Instant oldestWrite() throws UsageStoreException;

    /**
     * Changes costs and nothing else, in one transaction. A call whose cost has changed since it was read is left
     * unchanged. The method may be repeated if its outcome is not known.
     *
     * @param changes the changes; each call occurs once
     * @return the ids of the calls that were left unchanged
     * @throws StoreUnavailableException when the store could not be reached; it is then unknown whether the costs were
     *     changed
     * @throws WriteConflictException when another transaction was in the way; a later try may succeed
     * @throws UsageStoreException when the store can be reached but cannot change them
     */
    Set<UUID> reprice(List<CostChange> changes) throws UsageStoreException;

    /**
     * From when on there are calls of a window that may be repriced. It does not wait for the store.
     *
     * @param window the time in which the calls started
     * @return the instant, if earlier calls of the window were dropped; null if none were
     */
    default Instant callsKeptFrom(Window window) {
        return null;
    }
}
