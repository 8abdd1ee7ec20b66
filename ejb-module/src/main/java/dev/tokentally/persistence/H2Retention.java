package dev.tokentally.persistence;

import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** H2 has one table of calls. */
final class H2Retention implements RetentionDialect {

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final String EPOCH = "timestamp with time zone '1970-01-01 00:00:00+00'";

    private static final Sql HAS_EARLIER =
            Sql.of("select exists (select 1 from llm_calls where started_at < ?)", FIRST);

    /** A write of an old call locks the row too. So no such write is under way between the check and the commit. */
    private static final String LOCK = "select closed from tokentally_rollup_state where id = 1 for update";

    private static final String KEEP = """
            update tokentally_rollup_state set kept_from = dateadd('SECOND', ?1, timestamp with time zone '1970-01-01 00:00:00+00')
             where id = 1 and closed >= ?2
               and (kept_from is null or extract(epoch from kept_from) < ?1)
               and not exists (select 1 from tokentally_rollup_marks
                                where starts < ?2
                                  and (unit <> 0
                                       or starts >= coalesce(floor(extract(epoch from kept_from) / 900), -2147483648)))""";

    private static final String HAS_LATER_CALLS = """
            select exists (select 1 from llm_calls calls
                            where calls.started_at >= dateadd('SECOND', cast(greatest(?1, ${quarter}) as bigint) * 900, ${epoch})
                              and ${beganBefore})
                or exists (select 1 from tokentally_rollup_marks marks join llm_calls calls on calls.tenant_id = marks.tenant_id
                              and calls.started_at >= dateadd('SECOND', cast(marks.starts as bigint) * 900, ${epoch})
                              and calls.started_at < dateadd('SECOND', (cast(marks.starts as bigint) + 1) * 900, ${epoch})
                            where marks.unit = 0 and marks.starts >= ${quarter} and ${beganBefore})""";

    private static final String MARK = """
            insert into tokentally_rollup_marks (tenant_id, starts, unit)
            select distinct tenant_id, cast(floor(extract(epoch from started_at) / 900) as integer), 0 from llm_calls
             where extract(epoch from started_at) >= ?1
               and started_at < dateadd('SECOND', ?2, timestamp with time zone '1970-01-01 00:00:00+00')
            union select tenant_id, starts, 0 from tokentally_rollups
             where unit = 0 and starts >= cast(?1 as bigint) / 900 - 1 and starts < cast(?2 as bigint) / 900""";

    private static final String DELETE = """
            delete from llm_calls
             where started_at < dateadd('SECOND', ?1, timestamp with time zone '1970-01-01 00:00:00+00')
             fetch first ?2 rows only""";

    private static final String COUNT =
            "update tokentally_rollup_state set dropped_calls = dropped_calls + ?1 where id = 2";

    @Override
    public Shape shape(Connection connection) throws SQLException {
        return new Shape(ChronoUnit.DAYS, List.of("llm_calls"), HAS_EARLIER.isTrue(connection) ? EARLIER : null);
    }

    /** Nobody marks calls that are written or changed by hand. So all rollups are made once more before their calls are dropped. */
    @Override
    public void makeAgain(Instant since, Instant from, Store store) throws Exception {
        store.write((entities, dialect) -> entities.createNativeQuery(MARK)
                .setParameter(1, since == null ? FIRST.getEpochSecond() : since.getEpochSecond())
                .setParameter(2, from.getEpochSecond())
                .executeUpdate());
    }

    @Override
    public void keepFrom(Instant from, Store store) throws Exception {
        store.write((entities, dialect) -> {
            Object closed = entities.createNativeQuery(LOCK).getResultList().get(0);
            int quarter = Unit.quarter(from);
            String hasLater = SqlTemplate.fill(
                    HAS_LATER_CALLS,
                    Map.of("quarter", quarter, "epoch", EPOCH, "beganBefore", RetentionDialect.beganBefore(quarter)));
            Object hasLaterCalls = entities.createNativeQuery(hasLater)
                    .setParameter(1, closed)
                    .getResultList()
                    .get(0);
            return (boolean) hasLaterCalls
                    ? 0
                    : entities.createNativeQuery(KEEP)
                            .setParameter(1, from.getEpochSecond())
                            .setParameter(2, quarter)
                            .executeUpdate();
        });
    }

    @Override
    public Step delete(String table, String since, Instant from, int limit, EntityManager entities) {
        int deleted = entities.createNativeQuery(DELETE)
                .setParameter(1, from.getEpochSecond())
                .setParameter(2, limit)
                .executeUpdate();
        if (deleted > 0) {
            entities.createNativeQuery(COUNT).setParameter(1, deleted).executeUpdate();
        }
        return new Step(deleted, null);
    }
}
