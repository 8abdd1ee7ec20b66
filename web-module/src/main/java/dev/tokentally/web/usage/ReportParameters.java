package dev.tokentally.web.usage;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.UsageQuestion;
import java.util.List;
import java.util.Map;

/** The calls that a report is about and, if the path does not say it, the grouping. */
final class ReportParameters {

    private static final String DIMENSION = "dimension";

    private static final List<String> NAMES = QueryParameters.filtersAnd();
    private static final List<String> NAMES_WITH_DIMENSION = QueryParameters.filtersAnd(DIMENSION);

    private ReportParameters() {}

    /** For a caller that may see the calls of one tenant. */
    static UsageQuestion of(String tenant, Map<String, List<String>> parameters) {
        return question(tenant, QueryParameters.of(parameters, NAMES), List.of());
    }

    /** For a caller that may see the calls of all tenants. */
    static UsageQuestion ofAll(Map<String, List<String>> parameters) {
        QueryParameters query = QueryParameters.withTenant(parameters, NAMES);
        return question(query.tenant(), query, List.of());
    }

    /** The report of one tenant, grouped by the dimensions that the caller names. */
    static UsageQuestion by(String tenant, Map<String, List<String>> parameters) {
        QueryParameters query = QueryParameters.of(parameters, NAMES_WITH_DIMENSION);
        return question(tenant, query, query.dimensions(DIMENSION, QueryParameters.FILTERS));
    }

    /** The report of all tenants, grouped by the dimensions that the caller names. */
    static UsageQuestion byOfAll(Map<String, List<String>> parameters) {
        QueryParameters query = QueryParameters.withTenant(parameters, NAMES_WITH_DIMENSION);
        return question(query.tenant(), query, query.dimensions(DIMENSION, Dimension.ALL));
    }

    private static UsageQuestion question(String tenant, QueryParameters query, List<Dimension> dimensions) {
        return new UsageQuestion(tenant, query.window(), query.filters(), dimensions);
    }
}
