package dev.tokentally.web.usage;

import static dev.tokentally.usage.Dimension.MODEL;
import static dev.tokentally.usage.Dimension.OPERATION;
import static dev.tokentally.usage.Dimension.TENANT;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
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
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;

/**
 * What all tenants used, for admins. The answers are described in openapi.yaml. Safe for use by many threads.
 */
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
     * By tenant, and by operation within.
     *
     * @param uri with the window
     * @param security the caller
     * @return the report
     * @throws UsageStoreException when the store has no answer
     */
    @GET
    @Path("by-tenant")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] byTenant(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        return report(UsageReports::byTenant, TENANT, OPERATION, uri, security);
    }

    /**
     * By operation, and by tenant within.
     *
     * @param uri with the window
     * @param security the caller
     * @return the report
     * @throws UsageStoreException when the store has no answer
     */
    @GET
    @Path("by-operation")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] byOperation(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        return report(UsageReports::byOperation, OPERATION, TENANT, uri, security);
    }

    /**
     * By model.
     *
     * @param uri with the window
     * @param security the caller
     * @return the report
     * @throws UsageStoreException when the store has no answer
     */
    @GET
    @Path("by-model")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] byModel(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        return report(UsageReports::byModelOfAll, MODEL, null, uri, security);
    }

    private byte[] report(Report report, Dimension of, Dimension by, UriInfo uri, SecurityContext security)
            throws UsageStoreException {
        AdminOnly.check(security);
        Window window = QueryParameters.windowOnly(uri.getQueryParameters());
        UsageReport answer = reports.ask(store -> report.of(store, window));
        return JsonBody.object(json -> {
            ReportJson.writeWindow(window, json);
            ReportJson.write(answer, of, by, json);
        });
    }

    /**
     * Over time, of all tenants or of one.
     *
     * @param uri with the window, bucket, zone, group and tenant
     * @param security the caller
     * @return the series
     * @throws UsageStoreException when the store has no answer
     */
    @GET
    @Path("series")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] series(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        AdminOnly.check(security);
        SeriesParameters asked = SeriesParameters.ofAll(uri.getQueryParameters());
        List<SeriesBucket> buckets = reports.ask(asked::from);
        return JsonBody.object(json -> SeriesJson.write(asked.query(), buckets, json));
    }

    /**
     * Single calls, newest first, a page of them.
     *
     * @param uri with the window, filters, limit and cursor
     * @param security the caller
     * @return the calls, sent while they are read
     * @throws UsageStoreException when the store has no answer
     */
    @GET
    @Path("calls")
    @Produces(CallAnswer.JSON)
    public Response calls(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        AdminOnly.check(security);
        CallsQuery query = CallsQuery.ofAll(uri.getQueryParameters(), CallsQuery.DEFAULT_LIMIT);
        return CallAnswer.json(CallList.of(query, reports));
    }

    /**
     * Single calls, newest first, all of them.
     *
     * @param uri with the window, filters, limit and cursor
     * @param security the caller
     * @return the calls, sent while they are read
     * @throws UsageStoreException when the store has no answer
     */
    @GET
    @Path("calls")
    @Produces(CallAnswer.CSV)
    public Response callsAsCsv(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        AdminOnly.check(security);
        CallsQuery query = CallsQuery.ofAll(uri.getQueryParameters(), CallsQuery.NO_LIMIT);
        return CallAnswer.csv(CallList.of(query, reports));
    }

    private interface Report {
        UsageReport of(UsageReports store, Window window) throws UsageStoreException;
    }
}
