package dev.tokentally.usage;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * Reports of recorded usage, and lists of single calls. Inject it to use it in your own code:
 *
 * <pre>{@code
 * @Inject UsageReports reports;
 *
 * BigDecimal spent = reports.ofTenant("acme", new Window(monthStart, monthEnd)).perCall().totalCostUsd();
 * }</pre>
 *
 * <p>Safe for use by many threads at once. Reads use other threads and connections, outside the caller's transaction,
 * and never hold up recording. The methods throw {@link StoreUnavailableException} if the store does not react within
 * 1.5 seconds, and {@link TooManyReportsException} if no reader gets free for as long, since other reports are being
 * made. They throw {@link ReportTimeoutException} if an answer takes longer than {@code tokentally.reports.max-time},
 * {@link ReportTooLargeException} if it takes more memory than reports may use, and {@link UsageStoreException} if the
 * store can be reached but cannot answer. No argument may be null unless its description says so.
 *
 * <p>The methods do not check who the caller is: code that injects this interface can read all tenants.
 */
public interface UsageReports {

    /**
     * The usage of calls in groups. Within a group, an invocation is the group's calls with the same tenant, operation
     * and call id. So an invocation that used two models counts in the blocks of both models, but once in the total.
     * The blocks' costs, calls and tokens per call add up to the total.
     *
     * @param question which calls, and how to group them
     * @return one block for each value of the first dimension, with one part for each value of the second
     * @throws UsageStoreException see above
     */
    UsageReport report(UsageQuestion question) throws UsageStoreException;

    /**
     * The usage of a tenant.
     *
     * @param tenantId the tenant
     * @param window the time in which the calls started
     * @return the tenant's block, with one part for each operation; zeros if there was no call
     * @throws UsageStoreException see above
     */
    default UsageBlock ofTenant(String tenantId, Window window) throws UsageStoreException {
        return report(ofOne(tenantId, window).by(Dimension.OPERATION)).asBlock(tenantId);
    }

    /**
     * The usage by tenant.
     *
     * @param window the time in which the calls started
     * @return one block for each tenant, in the order of the ids, each with one part for each operation; the total has
     *     such parts too
     * @throws UsageStoreException see above
     */
    default UsageReport byTenant(Window window) throws UsageStoreException {
        return report(new UsageQuestion(null, window).by(Dimension.TENANT, Dimension.OPERATION))
                .byName();
    }

    /**
     * The usage by operation, over all tenants.
     *
     * @param window the time in which the calls started
     * @return one block for each operation, each with one part for each tenant; the total has such parts too
     * @throws UsageStoreException see above
     */
    default UsageReport byOperation(Window window) throws UsageStoreException {
        return report(new UsageQuestion(null, window).by(Dimension.OPERATION, Dimension.TENANT));
    }

    /**
     * The usage of a tenant by model. In a model's block, an invocation is the calls to that model with the same
     * operation and call id. So an invocation that used two models counts in both blocks, but once in the total.
     *
     * @param tenantId the tenant
     * @param window the time in which the calls started
     * @return one block for each model, without parts
     * @throws UsageStoreException see above
     */
    default UsageReport byModel(String tenantId, Window window) throws UsageStoreException {
        return report(ofOne(tenantId, window).by(Dimension.MODEL));
    }

    /**
     * The same for all tenants.
     *
     * @param window the time in which the calls started
     * @return one block for each model, without parts
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
     * @param tenantId the tenant
     * @param query which calls, and how time is divided
     * @return the buckets in order, without gaps; empty if the window is open and there is no call
     * @throws TooManyBucketsException when there would be more than {@link SeriesQuery#MAX_BUCKETS}
     * @throws UsageStoreException see above
     */
    List<SeriesBucket> series(String tenantId, SeriesQuery query) throws UsageStoreException;

    /**
     * The same for all tenants.
     *
     * @param query which calls, and how time is divided
     * @return the buckets in order, without gaps; empty if the window is open and there is no call
     * @throws TooManyBucketsException when there would be more than {@link SeriesQuery#MAX_BUCKETS}
     * @throws UsageStoreException see above
     */
    List<SeriesBucket> seriesOfAll(SeriesQuery query) throws UsageStoreException;

    /**
     * Calls of a tenant, newest first.
     *
     * @param tenantId the tenant
     * @param filter which calls
     * @param after the place where the previous list ended; null to begin with the newest call
     * @param limit the most calls; positive
     * @return the calls; fewer than the limit only if there are no more
     * @throws UsageStoreException see above
     */
    List<CallRecord> calls(String tenantId, CallFilter filter, CallPosition after, int limit)
            throws UsageStoreException;

    /**
     * The same for all tenants.
     *
     * @param filter which calls
     * @param after the place where the previous list ended; null to begin with the newest call
     * @param limit the most calls; positive
     * @return the calls; fewer than the limit only if there are no more
     * @throws UsageStoreException see above
     */
    List<CallRecord> callsOfAll(CallFilter filter, CallPosition after, int limit) throws UsageStoreException;

    /**
     * Whether the answer to a question lacks calls that were dropped ({@code tokentally.retention.calls}). It is known
     * after the answer, and without asking the store again.
     *
     * @param question a question that was answered
     * @return from when on the answer has calls; null if the answer is complete. The default is null, for stores that drop no calls
     */
    default Instant callsKeptFrom(UsageQuestion question) {
        return null;
    }

    /**
     * The same for a series.
     *
     * @param tenantId the tenant; null for all tenants
     * @param query a query that was answered
     * @return from when on the answer has calls; null if the answer is complete
     */
    default Instant callsKeptFrom(String tenantId, SeriesQuery query) {
        return null;
    }

    /**
     * The same for a list of calls, which never has a call that was dropped.
     *
     * @param filter the filter of a list that was read
     * @return from when on the list has calls; null if the window begins no earlier, or if no calls were dropped
     */
    default Instant callsKeptFrom(CallFilter filter) {
        return null;
    }
}
