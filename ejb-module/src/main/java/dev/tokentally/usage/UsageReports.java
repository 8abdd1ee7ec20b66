package dev.tokentally.usage;

import java.util.List;

/** Where records are read. Safe for use by many threads at once. */
public interface UsageReports {

    /**
     * The calls of a tenant, newest first.
     *
     * @param tenantId whose
     * @param limit how many at the most; positive
     * @return the calls; empty when there are none
     * @throws StoreUnavailableException when the store is out of reach
     * @throws UsageStoreException when it cannot answer
     */
    List<CallRecord> latestCalls(String tenantId, int limit) throws UsageStoreException;
}
