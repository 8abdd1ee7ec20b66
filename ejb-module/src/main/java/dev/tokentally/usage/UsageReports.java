package dev.tokentally.usage;

import java.util.List;
import java.util.Objects;

/**
 * What was recorded, as figures and as single calls. Inject it to ask from your own code:
 *
 * <pre>{@code
 * @Inject UsageReports reports;
 *
 * BigDecimal spent = reports.ofTenant("acme", new Window(monthStart, monthEnd)).perCall().totalCostUsd();
 * }</pre>
 *
 * <p>Safe for use by many threads at once. Reads are made on other threads and connections, outside the caller's
 * transaction, and never hold up recording. Where the store gives no sign of life within 1.5 seconds, or all readers are
 * busy for as long, the methods throw {@link StoreUnavailableException}; where an answer takes longer than {@code
 * tokentally.reports.max-time}, {@link ReportTimeoutException}; where it takes more memory than reports may take, {@link
 * ReportTooLargeException}; where the store is there but cannot answer, {@link
 * UsageStoreException}. No argument may be null unless it is said.
 *
 * <p>Nothing here asks who the caller is: whoever may inject this may read all tenants.
 */
public interface UsageReports {

    /**
     * The usage of calls in groups. An invocation is the calls of one tenant, operation and call id that are in a group: so
     * one that used two models counts in the blocks of both, and once in the total. Costs, calls and tokens per call of the
     * blocks add up to the total.
     *
     * @param question of which calls, and by what
     * @return a block for each value of the first dimension, with a part for each of the second
     * @throws UsageStoreException see above
     */
    UsageReport report(UsageQuestion question) throws UsageStoreException;

    /**
     * The usage of a tenant.
     *
     * @param tenantId whose
     * @param window which calls
     * @return its block, with a part for each operation; zeros when there was no call
     * @throws UsageStoreException see above
     */
    default UsageBlock ofTenant(String tenantId, Window window) throws UsageStoreException {
        return report(ofOne(tenantId, window).by(Dimension.OPERATION)).asBlock(tenantId);
    }

    /**
     * The usage by tenant.
     *
     * @param window which calls
     * @return a block for each tenant, by their ids, with a part for each operation, and so the total
     * @throws UsageStoreException see above
     */
    default UsageReport byTenant(Window window) throws UsageStoreException {
        return report(new UsageQuestion(null, window).by(Dimension.TENANT, Dimension.OPERATION))
                .byName();
    }

    /**
     * The usage by operation, over all tenants.
     *
     * @param window which calls
     * @return a block for each operation, with a part for each tenant, and so the total
     * @throws UsageStoreException see above
     */
    default UsageReport byOperation(Window window) throws UsageStoreException {
        return report(new UsageQuestion(null, window).by(Dimension.OPERATION, Dimension.TENANT));
    }

    /**
     * The usage of a tenant by model. In a model's block an invocation is one call id's calls to that model, within an
     * operation; in the total it is what it is elsewhere, so that one that used two models counts once there.
     *
     * @param tenantId whose
     * @param window which calls
     * @return a block for each model, without parts
     * @throws UsageStoreException see above
     */
    default UsageReport byModel(String tenantId, Window window) throws UsageStoreException {
        return report(ofOne(tenantId, window).by(Dimension.MODEL));
    }

    /**
     * The same over all tenants.
     *
     * @param window which calls
     * @return a block for each model, without parts
     * @throws UsageStoreException see above
     */
    default UsageReport byModelOfAll(Window window) throws UsageStoreException {
        return report(new UsageQuestion(null, window).by(Dimension.MODEL));
    }

    private static UsageQuestion ofOne(String tenantId, Window window) {
        return new UsageQuestion(Objects.requireNonNull(tenantId, "tenantId"), window);
    }

    /**
     * The usage of a tenant over time.
     *
     * @param tenantId whose
     * @param query which calls, and how time is cut
     * @return the buckets in order, without gaps; empty when the window is open and there is no call
     * @throws TooManyBucketsException when there would be more than {@link SeriesQuery#MAX_BUCKETS}
     * @throws UsageStoreException see above
     */
    List<SeriesBucket> series(String tenantId, SeriesQuery query) throws UsageStoreException;

    /**
     * The same over all tenants.
     *
     * @param query which calls, and how time is cut
     * @return the buckets in order, without gaps; empty when the window is open and there is no call
     * @throws TooManyBucketsException when there would be more than {@link SeriesQuery#MAX_BUCKETS}
     * @throws UsageStoreException see above
     */
    List<SeriesBucket> seriesOfAll(SeriesQuery query) throws UsageStoreException;

    /**
     * Calls of a tenant, newest first.
     *
     * @param tenantId whose
     * @param filter which of them
     * @param after where the list before this one ended; null to begin with the newest
     * @param limit how many at the most; positive
     * @return the calls; fewer than the limit only when there are no more
     * @throws UsageStoreException see above
     */
    List<CallRecord> calls(String tenantId, CallFilter filter, CallPosition after, int limit)
            throws UsageStoreException;

    /**
     * The same over all tenants.
     *
     * @param filter which of them
     * @param after where the list before this one ended; null to begin with the newest
     * @param limit how many at the most; positive
     * @return the calls; fewer than the limit only when there are no more
     * @throws UsageStoreException see above
     */
    List<CallRecord> callsOfAll(CallFilter filter, CallPosition after, int limit) throws UsageStoreException;
}
