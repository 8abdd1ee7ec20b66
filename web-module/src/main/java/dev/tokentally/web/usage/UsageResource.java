package dev.tokentally.web.usage;

import static dev.tokentally.usage.Dimension.MODEL;
import static dev.tokentally.usage.Dimension.OPERATION;
import static dev.tokentally.usage.Dimension.TENANT;

import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.web.http.TakesQuery;
import dev.tokentally.web.json.JsonBody;
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
import java.time.Instant;
import java.util.List;

/**
 * What the caller's own tenant used. The tenant comes from the key and from nowhere else. The answers are described in
 * openapi.yaml. Safe for use by many threads.
 */
@Path("usage")
@ApplicationScoped
public class UsageResource {

    private final RetriedReports reports;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public UsageResource() {
        this(null);
    }

    @Inject
    UsageResource(RetriedReports reports) {
        this.reports = reports;
    }

    /**
     * The usage of all operations together, and of each operation.
     *
     * @param uri with the window and filters
     * @param security the caller
     * @return the report
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] all(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        String tenant = tenant(security);
        UsageQuestion question =
                ReportParameters.of(tenant, uri.getQueryParameters()).by(OPERATION);
        UsageReport report = reports.ask(store -> store.report(question));
        Instant keptFrom = reports.ask(store -> store.callsKeptFrom(question));
        return JsonBody.object(json -> {
            ReportJson.writeWindow(question.window(), keptFrom, json);
            ReportJson.writeMembers(report.asBlock(tenant), TENANT, OPERATION, json);
        });
    }

    /**
     * The usage by model.
     *
     * @param uri with the window and filters
     * @param security the caller
     * @return the report
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("by-model")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] byModel(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        UsageQuestion question =
                ReportParameters.of(tenant(security), uri.getQueryParameters()).by(MODEL);
        UsageReport report = reports.ask(store -> store.report(question));
        Instant keptFrom = reports.ask(store -> store.callsKeptFrom(question));
        return JsonBody.object(json -> {
            ReportJson.writeWindow(question.window(), keptFrom, json);
            ReportJson.write(report, MODEL, null, json);
        });
    }

    /**
     * The usage by one or two dimensions.
     *
     * @param uri with the window, filters and dimensions
     * @param security the caller
     * @return the report
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("by")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] by(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        UsageQuestion question = ReportParameters.by(tenant(security), uri.getQueryParameters());
        UsageReport report = reports.ask(store -> store.report(question));
        Instant keptFrom = reports.ask(store -> store.callsKeptFrom(question));
        return JsonBody.object(json -> ReportJson.write(question, report, keptFrom, json));
    }

    /**
     * The usage over time.
     *
     * @param uri with the window, filters, bucket, zone and group
     * @param security the caller
     * @return the series
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("series")
    @Produces(MediaType.APPLICATION_JSON)
    @Revalidated
    public byte[] series(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        SeriesParameters asked = SeriesParameters.of(tenant(security), uri.getQueryParameters());
        List<SeriesBucket> buckets = reports.ask(asked::from);
        Instant keptFrom = reports.ask(store -> store.callsKeptFrom(asked.tenant(), asked.query()));
        return JsonBody.object(json -> SeriesJson.write(asked.query(), buckets, keptFrom, json));
    }

    /**
     * A page of single calls, newest first.
     *
     * @param uri with the window, filters, limit and cursor
     * @param security the caller
     * @return the calls, sent while they are read
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("calls")
    @Produces(CallAnswer.JSON)
    public Response calls(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        CallsQuery query = CallsQuery.of(tenant(security), uri.getQueryParameters(), CallsQuery.DEFAULT_LIMIT);
        return CallAnswer.json(CallList.of(query, reports));
    }

    /**
     * All single calls, newest first.
     *
     * @param uri with the window, filters, limit and cursor
     * @param security the caller
     * @return the calls, sent while they are read
     * @throws UsageStoreException when the store does not answer
     */
    @GET
    @TakesQuery
    @Path("calls")
    @Produces(CallAnswer.CSV)
    public Response callsAsCsv(@Context UriInfo uri, @Context SecurityContext security) throws UsageStoreException {
        CallsQuery query = CallsQuery.of(tenant(security), uri.getQueryParameters(), CallsQuery.NO_LIMIT);
        return CallAnswer.csv(CallList.of(query, reports));
    }

    private static String tenant(SecurityContext security) {
        return security.getUserPrincipal().getName();
    }
}
