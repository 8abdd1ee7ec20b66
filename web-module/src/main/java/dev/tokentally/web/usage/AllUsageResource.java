package dev.tokentally.web.usage;

import static dev.tokentally.usage.Dimension.MODEL;
import static dev.tokentally.usage.Dimension.OPERATION;
import static dev.tokentally.usage.Dimension.TENANT;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.web.http.TakesQuery;
import dev.tokentally.web.json.JsonBody;
import dev.tokentally.web.key.AdminOnly;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;

/**
 * What all tenants used, for admins. The answers are described in openapi.yaml. Safe for use by many threads.
 */
@AdminOnly
@Path("usage/all")
@ApplicationScoped
public class AllUsageResource {

    private final RetriedReports reports;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public AllUsageResource() {
        this(null);
    }

    @Inject
    AllUsageResource(RetriedReports reports) {
        this.reports = reports;
    }

    /**
     * The usage by tenant, and of each tenant by operation.
     *
     * @param uri with the window, the tenant and filters
     * @return the report
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("by-tenant")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] byTenant(@Context UriInfo uri) throws UsageStoreException {
        return report(TENANT, OPERATION, uri);
    }

    /**
     * The usage by operation, and of each operation by tenant.
     *
     * @param uri with the window, the tenant and filters
     * @return the report
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("by-operation")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] byOperation(@Context UriInfo uri) throws UsageStoreException {
        return report(OPERATION, TENANT, uri);
    }

    /**
     * The usage by model.
     *
     * @param uri with the window, the tenant and filters
     * @return the report
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("by-model")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] byModel(@Context UriInfo uri) throws UsageStoreException {
        return report(MODEL, null, uri);
    }

    private byte[] report(Dimension of, Dimension by, UriInfo uri) throws UsageStoreException {
        UsageQuestion asked = ReportParameters.ofAll(uri.getQueryParameters());
        UsageQuestion question = by == null ? asked.by(of) : asked.by(of, by);
        UsageReport answer = reports.ask(store -> store.report(question));
        UsageReport report = of.equals(TENANT) ? answer.byName() : answer;
        Instant keptFrom = reports.ask(store -> store.callsKeptFrom(question));
        return JsonBody.object(json -> {
            ReportJson.writeWindow(question.window(), keptFrom, json);
            ReportJson.write(report, of, by, json);
        });
    }

    /**
     * The usage by one or two dimensions.
     *
     * @param uri with the window, filters and dimensions
     * @return the report
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("by")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] by(@Context UriInfo uri) throws UsageStoreException {
        UsageQuestion question = ReportParameters.byOfAll(uri.getQueryParameters());
        UsageReport report = reports.ask(store -> store.report(question));
        Instant keptFrom = reports.ask(store -> store.callsKeptFrom(question));
        return JsonBody.object(json -> ReportJson.write(question, report, keptFrom, json));
    }

    /**
     * The usage over time, of all tenants or of one.
     *
     * @param uri with the window, the tenant, filters, bucket, zone and group
     * @return the series
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("series")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] series(@Context UriInfo uri) throws UsageStoreException {
        SeriesParameters asked = SeriesParameters.ofAll(uri.getQueryParameters());
        List<SeriesBucket> buckets = reports.ask(asked::from);
        Instant keptFrom = reports.ask(store -> store.callsKeptFrom(asked.tenant(), asked.query()));
        return JsonBody.object(json -> SeriesJson.write(asked.query(), buckets, keptFrom, json));
    }

    /**
     * A page of single calls, newest first.
     *
     * @param uri with the window, the tenant, filters, limit and cursor
     * @return the calls, sent while they are read
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("calls")
    @Produces(CallAnswer.JSON)
    public Response calls(@Context UriInfo uri) throws UsageStoreException {
        CallsQuery query = CallsQuery.ofAll(uri.getQueryParameters(), CallsQuery.DEFAULT_LIMIT);
        return CallAnswer.json(CallList.of(query, reports));
    }

    /**
     * All single calls, newest first.
     *
     * @param uri with the window, the tenant, filters, limit and cursor
     * @return the calls, sent while they are read
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("calls")
    @Produces(CallAnswer.CSV)
    public Response callsAsCsv(@Context UriInfo uri) throws UsageStoreException {
        CallsQuery query = CallsQuery.ofAll(uri.getQueryParameters(), CallsQuery.NO_LIMIT);
        return CallAnswer.csv(CallList.of(query, reports));
    }
}
