package dev.tokentally.persistence;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.TagText;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.Window;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The statements of the reports.
 */
final class ReportSql {

    /** The place of a call in a list. Not every database finds out the types of parameters in a comparison of rows. */
    static final String PLACE = "(cast(? as timestamp(6) with time zone), cast(? as uuid))";

    private ReportSql() {}

    /**
     * The calls from which figures are made, ordered by tenant and then by call id. PostgreSQL has all the columns in one index.
     *
     * @param names the first columns
     */
    static Sql figures(UsageQuestion question, List<Dimension> names) {
        return figures(question, question.window(), names);
    }

    /**
     * The same for a part of the window.
     *
     * @param window from when to when calls are read
     */
    static Sql figures(UsageQuestion question, Window window, List<Dimension> names) {
        return Sql.of("select " + names.stream().map(ReportSql::column).collect(Collectors.joining(", "))
                        + ", call_id, "
                        + Doubt.OF_A_ROW
                        + " as outcome, " + Doubt.COST
                        + ", call_duration_ms, input_tokens, output_tokens from llm_calls")
                .then(where(question.tenantId(), window, question.filters()))
                .then(" order by tenant_id, call_id");
    }

    /** When the first and the last call in a window started. */
    static Sql extent(String tenantId, Window window, Map<Dimension, String> filters) {
        return Sql.of("select min(started_at), max(started_at) from llm_calls").then(where(tenantId, window, filters));
    }

    /** The first and the last quarter of an hour with a rollup of calls that were dropped. */
    static Sql rollups(String tenantId, Instant keptFrom) {
        Sql sql = Sql.of(
                "select min(starts), max(starts) from tokentally_rollups where unit = ? and starts < ?",
                Unit.QUARTER.code(),
                Unit.quarter(keptFrom));
        return tenantId == null ? sql : sql.then(" and tenant_id = ?", tenantId);
    }

    /**
     * The sums of each bucket and group, without empty buckets. Buckets are numbered from 1.
     *
     * @param spans the parts of the window whose calls are summed up; empty for all of it
     */
    static Sql series(
            String tenantId,
            SeriesQuery query,
            List<Window> spans,
            List<Instant> edges,
            Dialect dialect,
            Connection connection)
            throws SQLException {
        String group = query.group() == null ? "nullif('', '')" : column(query.group());
        String sums = ", " + group + " as name, count(*) as total_calls," + """
                 count(case when status = 'error' then 1 end) as failed_calls,
                 count(case when cost_source = 'partial' then 1 end) as partial_calls,
                 count(case when cost_source = 'maybe-billed' then 1 end) as maybe_billed_calls,
                 sum(COST) as total_cost_usd,
                 sum(case when status = 'ok' then input_tokens end) as input_tokens,
                 sum(case when status = 'ok' then output_tokens end) as output_tokens,
                 count(case when\s""".replace("COST", Doubt.COST)
                + Doubt.IS_UNPRICED
                + " then 1 end) as unpriced_calls, count(case when " + Doubt.IS_ANSWERED_UNPRICED
                + " then 1 end) as answered_unpriced_calls ";
        List<Sql> parts =
                spans.stream().map(span -> during(span.from(), span.to())).toList();
        Sql where = where(tenantId, query.window(), query.filters());
        if (!parts.isEmpty()) {
            where = where.then(" and (1 = 1")
                    .then(Sql.joined(" or 1 = 1", parts))
                    .then(")");
        }
        return dialect.series(edges, where, sums, connection);
    }

    static Sql calls(String tenantId, CallFilter filter, CallPosition after, int limit) {
        return calls(tenantId, filter, null, after, limit);
    }

    /** Only those that were stored since an instant, unless it is null. */
    static Sql calls(String tenantId, CallFilter filter, Instant storedSince, CallPosition after, int limit) {
        List<Sql> conditions = new ArrayList<>();
        conditions.add(Sql.of("select " + CallRow.SELECTED + " from llm_calls"));
        conditions.add(where(tenantId, filter.window().from(), end(filter.window(), after), filter.values()));
        if (filter.status() != null) {
            conditions.add(Sql.of(" and status = ?", filter.status().label()));
        }
        if (filter.callId() != null) {
            conditions.add(Sql.of(" and call_id = ?", filter.callId()));
        }
        if (storedSince != null) {
            conditions.add(Sql.of(" and created_at >= ?", storedSince));
        }
        if (after != null) {
            conditions.add(Sql.of(" and (started_at, id) < " + PLACE, after.startedAt(), after.id()));
        }
        // The order names the tenant too, even if there is only one. Only then H2 sees that its index already has this
        // order, and stops after the page.
        String tenantFirst = tenantId == null ? "" : "tenant_id, ";
        conditions.add(Sql.of(" order by " + tenantFirst + "started_at desc, id desc fetch first ? rows only", limit));
        return Sql.joined("", conditions);
    }

    /**
     * The end of the part that is read: just behind the position, if there is one. Otherwise H2 would begin at the window's end and
     * read all calls that were listed before.
     */
    private static Instant end(Window window, CallPosition after) {
        if (after == null) {
            return window.to();
        }
        Instant end = after.startedAt().plus(1, ChronoUnit.MICROS);
        return window.to() == null || end.isBefore(window.to()) ? end : window.to();
    }

    static Sql where(String tenantId, Window window, Map<Dimension, String> filters) {
        return where(tenantId, window.from(), window.to(), filters);
    }

    private static Sql where(String tenantId, Instant from, Instant to, Map<Dimension, String> filters) {
        Sql where = Sql.of(" where 1 = 1");
        if (tenantId != null) {
            where = where.then(" and tenant_id = ?", tenantId);
        }
        where = where.then(during(from, to));
        for (Map.Entry<Dimension, String> filter : filters.entrySet()) {
            where = where.then(" and ").then(has(filter.getKey(), filter.getValue()));
        }
        return where;
    }

    private static Sql during(Instant from, Instant to) {
        Sql during = Sql.of("");
        if (from != null) {
            during = during.then(" and started_at >= ?", inMicroseconds(from));
        }
        if (to != null) {
            during = during.then(" and started_at < ?", inMicroseconds(to));
        }
        return during;
    }

    private static Sql has(Dimension dimension, String value) {
        if (dimension.tagKey().isPresent()) {
            String key = dimension.tagKey().get();
            String tags = "coalesce(" + column(dimension) + ", '')";
            return value.isEmpty()
                    ? Sql.of(
                            "(position(? in " + tags + ") = 0 or position(? in " + tags + ") > 0)",
                            TagText.start(key),
                            TagText.of(key, ""))
                    : Sql.of("position(? in " + tags + ") > 0", TagText.of(key, value));
        }
        return value.isEmpty()
                ? Sql.of("coalesce(" + column(dimension) + ", '') = ''")
                : Sql.of(column(dimension) + " = ?", value);
    }

    /**
     * Rounds up to microseconds, in which calls are stored. Drivers round to the nearest one, which would move the window's ends.
     */
    static Instant inMicroseconds(Instant instant) {
        Instant cut = instant.truncatedTo(ChronoUnit.MICROS);
        return cut.equals(instant) ? cut : cut.plus(1, ChronoUnit.MICROS);
    }

    /** The column of a dimension. For a tag it is the column of all tags. */
    static String column(Dimension dimension) {
        String column = dimension.column().columnName();
        return dimension
                .otherwise()
                .map(otherwise -> "coalesce(" + column + ", " + otherwise.columnName() + ")")
                .orElse(column);
    }
}
