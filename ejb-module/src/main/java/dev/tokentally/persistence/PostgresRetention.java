package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * PostgreSQL drops whole months. To detach a partition takes the strongest lock on the table of calls and on its default partition.
 * Writers queue behind a statement that waits for such a lock, so each statement gives up soon, and is tried again later.
 */
final class PostgresRetention implements RetentionDialect {

    /** A node that makes months holds this lock for its session, see {@link LongSteps}. */
    private static final String LOCK = Long.toString(AdvisoryLocks.LONG_STEPS);

    /** The mark of a table that was detached. It is dropped next, even after an interruption. */
    private static final String MARK = "Tokentally drops this table, since its calls are too old";

    /** While so many calls are in no rollup yet, it would take long to find out whether an invocation of an earlier time has more calls. */
    private static final int OPEN_CALLS = 2_000_000;

    private static final String BOUNDS = "pg_get_expr(part.relpartbound, part.oid)";

    /** Null for a first and for a default partition. */
    private static final String LOWER =
            "cast(substring(" + BOUNDS + " from $r$FROM \\('([^']+)'\\)$r$) as timestamptz)";

    /** Null for a default partition. */
    private static final String UPPER = "cast(substring(" + BOUNDS + " from $r$TO \\('([^']+)'\\)$r$) as timestamptz)";

    /**
     * An autovacuum gives way only to a statement that waits for longer than this. So first a lock is taken
     * that conflicts with no reader and no writer of calls. Nobody waits behind it.
     */
    private static final String PATIENCE = """
            perform set_config('lock_timeout', setting::int + 2000 || 'ms', true) from pg_settings where name = 'deadlock_timeout';""";

    private static final String SHAPE = SqlTemplate.fill("""
            select relkind = 'p', cast(cast(oid as regclass) as text),
                   case when relkind = 'p' and not exists (
                                 select from pg_inherits join pg_class part on part.oid = inhrelid
                                  where inhparent = calls.oid and part.relname = 'llm_calls_default'
                                    and obj_description(part.oid, 'pg_class') like 'Tokentally makes the months%')
                        then 'a DBA has partitioned llm_calls, so the module drops none of its calls and leaves that to the DBA'
                        when relkind = 'p' and not pg_has_role(relowner, 'usage')
                        then format('the role %I does not own llm_calls, so it may not drop months; a DBA may let it: grant %I to %1$I',
                                 current_user, pg_get_userbyid(relowner))
                        when exists (select from llm_calls where started_at < timestamptz '0001-01-01 00:00:00+00')
                        then '${earlier}'
                        when not has_table_privilege(oid, 'delete')
                        then format('the role %I may not delete calls; a DBA may let it: grant delete on llm_calls to %1$I',
                                 current_user)
                   end
              from pg_class calls where oid = to_regclass('llm_calls')""", Map.of("earlier", EARLIER));

    private static final String ANY_PARTITIONS = """
            select cast(cast(part.oid as regclass) as text) from pg_inherits join pg_class part on part.oid = inhrelid
             where inhparent = to_regclass('llm_calls')""";

    private static final String PARTITIONS = ANY_PARTITIONS + " and part.relkind = 'r'";

    private static final String REST = PARTITIONS + " and part.relname in ('llm_calls_first', 'llm_calls_default')";

    private static final String DEFAULT = PARTITIONS + " and part.relname = 'llm_calls_default'";

    /** The tables whose calls are all too old. */
    private static final String OLD = PARTITIONS + """
             and (part.relname = 'llm_calls_first' or part.relname ~ '^llm_calls_[0-9]{4}_[0-9]{2}$')
             and ${upper} <= to_timestamp(${seconds}) order by ${upper}""";

    private static final String OTHERS = ANY_PARTITIONS + """
             and (part.relkind <> 'r' or part.relname <> 'llm_calls_first' and part.relname !~ '^llm_calls_[0-9]{4}_[0-9]{2}$')
             and ${upper} <= to_timestamp(${seconds}) order by ${upper}""";

    private static final String DETACHED = SqlTemplate.fill("""
            select cast(cast(part.oid as regclass) as text) from pg_class part join pg_class calls on calls.oid = to_regclass('llm_calls')
             where part.relnamespace = calls.relnamespace and part.relkind = 'r' and not part.relispartition
               and obj_description(part.oid, 'pg_class') = '${mark}' order by part.relname""", Map.of("mark", MARK));

    /** What depends on the table, as the statements that remove it. A foreign key to the whole table ends with the detachment. */
    private static final String DEPENDENTS = """
            select string_agg(remedy, '; ' order by remedy) from (
                   select 'drop ' || case when other.relkind = 'm' then 'materialized view ' else 'view ' end
                              || cast(cast(other.oid as regclass) as text) as remedy
                     from pg_depend join pg_rewrite on pg_rewrite.oid = objid join pg_class other on other.oid = ev_class
                    where classid = cast('pg_rewrite' as regclass) and refclassid = cast('pg_class' as regclass)
                      and refobjid = cast('${tableText}' as regclass) and other.oid <> refobjid
                   union
                   select format('alter table %s drop constraint %I', cast(conrelid as regclass), conname)
                     from pg_constraint
                    where contype = 'f' and confrelid = cast('${tableText}' as regclass) and conrelid <> confrelid and conparentid = 0
                   ) dependents""";

    /**
     * Locks the partitions of the past against writes. So a transaction that writes there has either ended and left its marks, or
     * begins afterwards and sees since when calls are kept. The lock of the node that makes rollups keeps it from adding a mark that this
     * does not see.
     */
    private static final String KEEP = """
            do $$
            declare
                place text;
                places text[] := array(
                    select part.oid::regclass from pg_class part where part.oid = to_regclass('llm_calls') and part.relkind = 'r'
                    union all
                    (select part.oid::regclass from pg_inherits join pg_class part on part.oid = inhrelid
                      where inhparent = to_regclass('llm_calls') and part.relkind in ('r', 'p')
                        and (${lower} is null or ${lower} < to_timestamp(${seconds}))
                      order by part.relname <> 'llm_calls_default', part.relname));
            begin
                if not pg_try_advisory_xact_lock(${lock}) then
                    return;
                end if;
                if (select count(*) from (select from tokentally_rollup_state state join llm_calls
                                              on started_at >= to_timestamp(greatest(closed, ${quarter}) * 900.0)
                                           where state.id = 1 limit ${openCalls}) open) = ${openCalls}
                        or exists (select from tokentally_rollup_state state join llm_calls calls
                                       on started_at >= to_timestamp(greatest(closed, ${quarter}) * 900.0)
                                    where state.id = 1 and ${beganBefore})
                        or exists (select from tokentally_rollup_marks marks join llm_calls calls
                                       on calls.tenant_id = marks.tenant_id and started_at >= to_timestamp(marks.starts * 900.0)
                                      and started_at < to_timestamp((marks.starts + 1) * 900.0)
                                    where marks.unit = 0 and marks.starts >= ${quarter} and ${beganBefore})
                        or not pg_try_advisory_xact_lock(${rollups}) then
                    return;
                end if;
                ${patience}
                foreach place in array places loop
                    execute format('lock table %s in share update exclusive mode', place);
                end loop;
                perform set_config('lock_timeout', '50ms', true);
                foreach place in array places loop
                    execute format('lock table %s in share mode', place);
                end loop;
                perform pg_advisory_xact_lock(${keptFrom});
                update tokentally_rollup_state set kept_from = to_timestamp(${seconds})
                 where id = 1 and closed >= ${quarter} and (kept_from is null or kept_from < to_timestamp(${seconds}))
                   and (${marks})
                   and not exists (select from tokentally_rollup_marks
                                    where starts < ${quarter}
                                      and (unit <> 0
                                           or starts >= coalesce(floor(extract(epoch from kept_from) / 900), -2147483648)));
                if found then
                    -- A trigger locks this row, see 5_rollups.sql.
                    update tokentally_rollup_state set kept_from = to_timestamp(${seconds}) where id = 3;
                end if;
            end $$""";

    /**
     * It gives up at once if a report uses the partition, and after a moment if a report uses another partition. If the commit is
     * lost in a crash, the partition is detached again. The rollups need not be made again, see 5_rollups.sql.
     */
    private static final String DETACH = """
            do $$ begin
                if not pg_try_advisory_xact_lock(${lock}) then
                    raise exception using errcode = '55P03', message = 'another node changes the partitions';
                end if;
                ${patience}
                lock table only ${table} in share update exclusive mode;
                lock table only ${defaultTable} in share update exclusive mode;
                lock table only ${calls} in share update exclusive mode;
                perform set_config('lock_timeout', '40ms', true), set_config('synchronous_commit', 'off', true);
                lock table only ${table} in access exclusive mode nowait;
                lock table only ${defaultTable} in access exclusive mode nowait;
                lock table only ${calls} in access exclusive mode;
                alter table ${calls} detach partition ${table};
                comment on table ${table} is '${mark}';
                if exists (select from pg_attribute where attrelid = to_regclass('tokentally_rollup_state')
                              and attname = 'triggers' and not attisdropped) then
                    update tokentally_rollup_state set triggers = triggers - cast(cast(cast('${tableText}' as regclass) as oid) as text) where id = 1;
                end if;
            end $$""";

    private static final String DROP = """
            do $$ begin
                perform set_config('lock_timeout', '1s', true);
                drop table ${table};
                update tokentally_rollup_state set dropped_calls = dropped_calls + ${count} where id = 2;
            end $$""";

    private static final String DELETE = """
            with old as (select ctid from ${table} where started_at >= cast(?1 as timestamptz) and started_at < cast(?2 as timestamptz)
                          order by started_at fetch first ${limit} rows only for update skip locked),
                 gone as (delete from ${table} where ctid = any(array(select ctid from old)) returning started_at),
                 counted as (update tokentally_rollup_state set dropped_calls = dropped_calls + (select count(*) from gone)
                              where id = 2 and exists (select from gone))
            select count(*), cast(max(started_at) as text) from gone""";

    private final RunningStatement running = new RunningStatement();

    @Override
    public Shape shape(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SHAPE)) {
            if (!row.next()) {
                return new Shape(ChronoUnit.MONTHS, List.of(), "there is no table llm_calls");
            }
            return row.getBoolean(1)
                    ? new Shape(ChronoUnit.MONTHS, texts(REST, connection), row.getString(3))
                    : new Shape(ChronoUnit.DAYS, List.of(row.getString(2)), row.getString(3));
        }
    }

    @Override
    public void keepFrom(Instant from, Store store) throws Exception {
        store.with(connection -> {
            executeUnlessInTheWay(keep(from), connection);
            return null;
        });
    }

    private static String keep(Instant from) {
        int quarter = Unit.quarter(from);
        return SqlTemplate.fill(
                KEEP,
                Map.ofEntries(
                        Map.entry("seconds", from.getEpochSecond()),
                        Map.entry("quarter", quarter),
                        Map.entry("beganBefore", RetentionDialect.beganBefore(quarter)),
                        Map.entry("openCalls", OPEN_CALLS),
                        Map.entry("lower", LOWER),
                        Map.entry("lock", LOCK),
                        Map.entry("patience", PATIENCE),
                        Map.entry("marks", PostgresDialect.MARKS),
                        Map.entry("rollups", AdvisoryLocks.ROLLUPS),
                        Map.entry("keptFrom", AdvisoryLocks.KEPT_FROM)));
    }

    @Override
    public List<String> tables(Instant from, Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>(texts(DETACHED, connection));
        tables.addAll(texts(until(from, OLD), connection));
        return tables;
    }

    @Override
    public List<String> others(Instant from, Connection connection) throws SQLException {
        return texts(until(from, OTHERS), connection);
    }

    private static String until(Instant from, String partitions) {
        return SqlTemplate.fill(partitions, Map.of("upper", UPPER, "seconds", from.getEpochSecond()));
    }

    @Override
    public Optional<String> obstacle(String table, Connection connection) throws SQLException {
        String remedy = texts(SqlTemplate.fill(DEPENDENTS, Map.of("tableText", inQuotes(table))), connection)
                .get(0);
        return Optional.ofNullable(remedy)
                .map(sql -> "the table cannot be dropped while others depend on it; a DBA may remove them: " + sql);
    }

    @Override
    public Optional<String> dropTable(String table, Connection connection) throws SQLException, UsageStoreException {
        if (!texts(DETACHED, connection).contains(table) && !detach(table, connection)) {
            return Optional.empty();
        }
        String calls = count(table, connection);
        return executeUnlessInTheWay(SqlTemplate.fill(DROP, Map.of("table", table, "count", calls)), connection)
                ? Optional.of(table + " with " + calls + " calls")
                : Optional.empty();
    }

    /** Counts the calls of a table without a time limit, even if the role or the database sets one. */
    private String count(String table, Connection connection) throws SQLException, UsageStoreException {
        String[] calls = new String[1];
        OneTransaction.run(connection, () -> {
            text("select set_config('statement_timeout', '0', true)", connection);
            calls[0] = text("select count(*) from " + table, connection);
            connection.commit();
        });
        return calls[0];
    }

    private boolean detach(String table, Connection connection) throws SQLException, UsageStoreException {
        String calls = texts("select cast(cast(to_regclass('llm_calls') as regclass) as text)", connection)
                .get(0);
        String defaultTable = texts(DEFAULT, connection).get(0);
        return executeUnlessInTheWay(
                SqlTemplate.fill(
                        DETACH,
                        Map.of(
                                "table", table,
                                "tableText", inQuotes(table),
                                "defaultTable", defaultTable,
                                "calls", calls,
                                "lock", LOCK,
                                "mark", MARK,
                                "patience", PATIENCE)),
                connection);
    }

    /** The name of a table as it stands in a text of SQL. */
    private static String inQuotes(String table) {
        return table.replace("'", "''");
    }

    /** Returns false if another transaction stands in the way. */
    private boolean executeUnlessInTheWay(String block, Connection connection)
            throws SQLException, UsageStoreException {
        try {
            execute(block, connection);
            return true;
        } catch (SQLException e) {
            if (!StoreFailures.isWait(e)) {
                throw e;
            }
            return false;
        }
    }

    @Override
    public void cancel() {
        running.cancel();
    }

    @Override
    public Step delete(String table, String since, Instant from, int limit, EntityManager entities) {
        String delete = SqlTemplate.fill(DELETE, Map.of("table", table, "limit", limit));
        Object[] row = (Object[]) entities.createNativeQuery(delete)
                .setParameter(1, since == null ? "-infinity" : since)
                .setParameter(2, PostgresInstant.text(from))
                .getResultList()
                .get(0);
        return new Step(((Number) row[0]).longValue(), (String) row[1]);
    }

    private String text(String query, Connection connection) throws SQLException {
        return read(query, connection).get(0);
    }

    private List<String> texts(String query, Connection connection) throws SQLException {
        try (ReadTransaction transaction = new ReadTransaction(connection)) {
            return read(query, connection);
        }
    }

    private List<String> read(String query, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // Counting the calls of a month may take longer than the pool lets a statement run.
            statement.setQueryTimeout(Math.toIntExact(TimeUnit.DAYS.toSeconds(365)));
            running.begins(statement);
            try (ResultSet rows = statement.executeQuery(query)) {
                List<String> texts = new ArrayList<>();
                while (rows.next()) {
                    texts.add(rows.getString(1));
                }
                return texts;
            }
        } finally {
            running.ended();
        }
    }

    /**
     * Each block is a transaction. It sees what others commit while it waits for a lock, whatever the pool or a DBA has set. The
     * commit goes to the database together with the block, so a node that stops for a while in between holds no lock.
     */
    private void execute(String block, Connection connection) throws SQLException, UsageStoreException {
        OneTransaction.run(connection, () -> {
            // A pool may have begun a transaction, whose isolation could no longer change.
            connection.rollback();
            try (Statement statement = connection.createStatement()) {
                running.begins(statement);
                statement.execute("set transaction isolation level read committed; " + block + "; commit");
            } finally {
                running.ended();
            }
            connection.commit();
        });
    }
}
