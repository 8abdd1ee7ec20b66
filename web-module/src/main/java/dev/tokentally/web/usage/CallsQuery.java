package dev.tokentally.web.usage;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Which calls are asked for.
 *
 * @param tenant the tenant; null for all
 * @param filter which calls
 * @param after where the previous list ended; null to begin with the newest call
 * @param limit the most calls
 */
record CallsQuery(String tenant, CallFilter filter, CallPosition after, int limit) {

    static final int DEFAULT_LIMIT = 20;
    static final int MAX_LIMIT = 1_000_000;

    /** One less than the largest number, since one more call is read. */
    static final int NO_LIMIT = Integer.MAX_VALUE - 1;

    private static final String STATUS = "status";
    private static final String CALL_ID = "call_id";

    private static final List<String> NAMES =
            QueryParameters.filtersAnd(STATUS, CALL_ID, QueryParameters.CURSOR, QueryParameters.LIMIT);

    /** For a caller that may see the calls of one tenant. */
    static CallsQuery of(String tenant, Map<String, List<String>> parameters, int defaultLimit) {
        return of(tenant, QueryParameters.of(parameters, NAMES), defaultLimit);
    }

    /** For a caller that may see the calls of all tenants. */
    static CallsQuery ofAll(Map<String, List<String>> parameters, int defaultLimit) {
        QueryParameters query = QueryParameters.withTenant(parameters, NAMES);
        return of(query.tenant(), query, defaultLimit);
    }

    private static CallsQuery of(String tenant, QueryParameters query, int defaultLimit) {
        CallFilter filter = new CallFilter(
                query.window(),
                query.filters(),
                query.choice(STATUS, Arrays.asList(CallStatus.values()), CallStatus::label),
                query.uuid(CALL_ID));
        return new CallsQuery(
                tenant, filter, query.cursor(), query.number(QueryParameters.LIMIT, MAX_LIMIT, defaultLimit));
    }
}
