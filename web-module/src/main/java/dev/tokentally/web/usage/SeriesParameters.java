package dev.tokentally.web.usage;

import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.TooManyBucketsException;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * Which series is asked for.
 *
 * @param tenant the tenant; null for all
 * @param query what the series shows
 */
record SeriesParameters(String tenant, SeriesQuery query) {

    private static final String BUCKET = "bucket";
    private static final String ZONE = "zone";
    private static final String GROUP = "group";

    private static final List<String> NAMES = QueryParameters.filtersAnd(BUCKET, ZONE, GROUP);

    static SeriesParameters of(String tenant, Map<String, List<String>> parameters) {
        QueryParameters query = QueryParameters.of(parameters, NAMES);
        return of(tenant, query, QueryParameters.FILTERS);
    }

    static SeriesParameters ofAll(Map<String, List<String>> parameters) {
        QueryParameters query = QueryParameters.withTenant(parameters, NAMES);
        return of(query.tenant(), query, Dimension.ALL);
    }

    /** Reads the series. */
    List<SeriesBucket> from(UsageReports reports) throws UsageStoreException {
        try {
            return tenant == null ? reports.seriesOfAll(query) : reports.series(tenant, query);
        } catch (TooManyBucketsException e) {
            throw QueryParameters.invalid(BUCKET + "=" + query.bucket().label() + " would give more than "
                    + SeriesQuery.MAX_BUCKETS + " buckets; take a larger one, or a shorter window with "
                    + QueryParameters.FROM + " and " + QueryParameters.TO);
        }
    }

    private static SeriesParameters of(String tenant, QueryParameters query, List<Dimension> groups) {
        Bucket bucket = query.choice(BUCKET, List.of(Bucket.values()), Bucket::label);
        if (bucket == null) {
            throw QueryParameters.invalid(BUCKET + " is missing; it must be one of hour, day, month");
        }
        ZoneId zone = query.parsed(
                ZONE, ZoneId::of, "is not a time zone that is known here; give one such as UTC or Europe/Amsterdam");
        return new SeriesParameters(
                tenant,
                new SeriesQuery(
                        query.window(),
                        bucket,
                        zone == null ? ZoneOffset.UTC : zone,
                        query.dimension(GROUP, groups),
                        query.filters()));
    }
}
