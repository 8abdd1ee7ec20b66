package dev.tokentally.persistence;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.UsageStoreException;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * PostgreSQL, over a network. Many rows are written by one statement, with an array of texts for each column. A JDBC batch would be
 * one statement for each row, unless the pool rewrites it. Every query for a call uses tenant, start and id, since a search by id
 * alone is slow once the table is partitioned.
 */
final class PostgresDialect implements Dialect {

    private static final String INSERT =
            "insert into llm_calls (" + CallRow.COLUMNS + ") select * from unnest(" + arrays(CallColumn.ALL) + ")";

    /**
     * On Payara a failure at commit has no SQLState and looks like an outage. So deferred constraints are checked before the
     * commit.
     */
    private static final String CHECK_NOW = "set constraints all immediate";

    private static final List<CallColumn<?>> IDENTITY = CallColumn.IDENTITY;

    /** Finds rows with the ids of the calls, and whether they are the same calls. */
    private static final String STORED = "select cast(stored.id as text), "
            + IDENTITY.stream()
                    .map(column -> "stored." + column + " = asked." + column)
                    .collect(Collectors.joining(" and "))
            + " from unnest(" + arrays(IDENTITY) + ") as asked ("
            + IDENTITY.stream().map(CallColumn::columnName).collect(Collectors.joining(", "))
            + ") join llm_calls stored on stored.tenant_id = asked.tenant_id and stored.started_at = asked.started_at"
            + " and stored.id = asked.id";

    /** A DBA may also run these by hand, see docs/upgrades.md. */
    private static final String LONG_STEPS = "dev/tokentally/schema-postgresql-long/";

    /** A missing right has the SQLState 42501, and so may a refusal of a single row. */
    private static final String MAY_WRITE = """
            select has_table_privilege('llm_calls', 'insert'), current_setting('transaction_read_only') = 'off'""";

    /** If no schema of the search path exists, Flyway makes the first one. */
    private static final String MAY_MAKE = """
            select case when current_schema() is null then has_database_privilege(current_database(), 'create')
                        else has_schema_privilege(current_schema(), 'create')
                             or to_regclass(quote_ident(current_schema()) || '.' || quote_ident(?)) is not null end""";

    private static final String NO_RIGHT = "42501";

    private static final String REPRICE = """
            update llm_calls stored set cost_usd = asked.usd, cost_source = asked.source
              from unnest(cast(?1 as text[]), cast(?2 as timestamptz[]), cast(?3 as uuid[]), cast(?4 as text[]),
                       cast(?5 as numeric[]), cast(?6 as numeric[]), cast(?7 as text[]))
                   as asked (tenant_id, started_at, id, old_source, old_usd, usd, source)
             where stored.tenant_id = asked.tenant_id and stored.started_at = asked.started_at and stored.id = asked.id
               and (stored.cost_source = asked.old_source and stored.cost_usd = asked.old_usd
                    or stored.cost_source = asked.source and stored.cost_usd = asked.usd)
               and stored.cost_source <> 'provider'
            returning cast(stored.id as text)""";

    private static final String ERASE = """
            update llm_calls stored set user_id = ?1
              from unnest(cast(?2 as timestamptz[]), cast(?3 as uuid[]), cast(?4 as text[])) as asked (started_at, id, user_id)
             where stored.tenant_id = ?5 and stored.started_at = asked.started_at and stored.id = asked.id
               and stored.user_id = asked.user_id""";

    /**
     * The transactions that write calls, prepared ones among them. Readers and long transactions on other tables are not included.
     * Calls that wait for the partitioning in a table of their own count as one more, since they come back.
     */
    private static final String WRITERS = """
            select distinct virtualtransaction from pg_locks
             where locktype = 'relation' and relation = cast(to_regclass('llm_calls') as oid) and mode = 'RowExclusiveLock'
               and database = (select oid from pg_database where datname = current_database())
            union all
            select 'the calls in llm_calls_beyond' from pg_class
             where oid = to_regclass('llm_calls')
               and obj_description(to_regclass(relnamespace::regnamespace || '.llm_calls_beyond'), 'pg_class') like 'Tokentally%'""";

    /** The steps are the index, the key, the bound, its validation and the exchange. */
    private static final String PARTITIONS = """
            select case when relkind <> 'p' then 'converting'
                        when exists (select from pg_inherits join pg_class part on part.oid = inhrelid
                                      where inhparent = calls.oid and part.relname = 'llm_calls_default'
                                        and obj_description(part.oid, 'pg_class') like 'Tokentally makes the months%')
                        then 'partitioned' else 'by-dba' end,
                   case when relkind = 'p' then 5
                        else (select count(*) from pg_index where indexrelid = to_regclass('llm_calls_key') and indisvalid)
                           + (select count(*) + count(*) filter (where contype = 'c' and convalidated) from pg_constraint
                               where conrelid = calls.oid
                                 and (conname = 'llm_calls_key' and contype = 'p' or conname like 'llm@_calls@_before@_%' escape '@'))
                        end,
                   (select string_agg(other.oid::regclass::text, ', ' order by other.relname)
                      from pg_inherits join pg_class part on part.oid = inhrelid and part.relname = 'llm_calls_default'
                      cross join generate_series(0, 3) ahead
                      cross join lateral (select date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month' as begins) month
                      join pg_class other on other.oid = to_regclass(calls.relnamespace::regnamespace || '.llm_calls_'
                                                                      || to_char(begins, 'YYYY_MM'))
                     where inhparent = calls.oid
                       and obj_description(part.oid, 'pg_class') like 'Tokentally makes the months%'
                       and to_char(begins, 'YYYY-MM') >= substring(obj_description(part.oid, 'pg_class') from '[0-9]{4}-[0-9]{2}')
                       and not exists (select from pg_inherits where inhparent = calls.oid and inhrelid = other.oid))
              from pg_class calls where oid = to_regclass('llm_calls')""";

    /** The table of calls, its partitions, and the partitions that a DBA has made of these. A statement may name any of them. */
    private static final String TABLES = """
            with recursive tables (oid) as (
                select cast(to_regclass('llm_calls') as oid)
                 union all select inhrelid from pg_inherits join tables on inhparent = oid)
            """;

    /**
     * The triggers that mark changes of each table, with the transactions that last made them or turned them on or off. The file
     * 5_rollups.sql writes down the same for a new table.
     */
    private static final String TRIGGERS = TABLES + """
            , marking (oid, number, changed) as (
                select tables.oid, count(tgname), string_agg(cast(pg_trigger.xmin as text), ' ' order by tgname)
                  from tables left join pg_trigger on tgrelid = tables.oid and tgname like 'tokentally@_marks@_%' escape '@'
                 where tables.oid is not null group by tables.oid)
            """;

    /** The column is missing before 5_rollups.sql has run. */
    static final String MARKS = TRIGGERS + """
            select to_jsonb(state) -> 'triggers' = (select jsonb_object_agg(oid, changed) from marking)
              from tokentally_rollup_state state where id = 1""";

    private static final String UNMARKED = TRIGGERS + """
            , known (oid, changed) as (
                select cast(key as oid), value from tokentally_rollup_state state, jsonb_each_text(triggers) where state.id = 1)
            select case when exists (select from marking where number < 4) then null
                        when not exists (select from known) then 'an earlier release has made them'
                        else (select string_agg(distinct
                             case when marking.oid is null and pg_class.oid is null then 'a table of calls was dropped'
                                  when marking.oid is null then cast(known.oid as regclass) || ' was detached'
                                  when known.oid is null then cast(marking.oid as regclass) || ' was attached'
                                  else 'the triggers of ' || cast(known.oid as regclass) || ' were off or missing' end, ', ')
                                from marking full join known on known.oid = marking.oid left join pg_class on pg_class.oid = known.oid
                               where marking.changed is distinct from known.changed) end""";

    private static final String MARKED_FROM_NOW_ON = TRIGGERS
            + "update tokentally_rollup_state set triggers = (select jsonb_object_agg(oid, changed) from marking) where id = 1";

    /** A statement for the partitioned table leaves the triggers of its partitions as they are. */
    private static final String MARKS_AGAIN = TABLES + """
            select string_agg(format('alter table %s enable trigger %I', cast(tgrelid as regclass), tgname), '; ' order by tgrelid, tgname)
              from pg_trigger join tables on tgrelid = tables.oid
             where tgname like 'tokentally@_marks@_%' escape '@' and tgenabled not in ('O', 'A')""";

    /**
     * The lock ends with the transaction. If the node hangs in the transaction, PostgreSQL ends the session, so
     * that another node can go on.
     */
    private static final String TAKES_ROLLUPS = """
            select pg_try_advisory_xact_lock(ROLLUPS), set_config('statement_timeout', '0', true),
                   set_config('lock_timeout', '5s', true), set_config('idle_in_transaction_session_timeout', '20s', true)""".replace("ROLLUPS", Long.toString(AdvisoryLocks.ROLLUPS));

    private static final String CHANGING = TABLES + """
            select distinct virtualtransaction from pg_locks join tables on relation = tables.oid
             where locktype = 'relation' and granted and pid is distinct from pg_backend_pid()
               and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
               and database = (select oid from pg_database where datname = current_database())""";

    /**
     * A write may wait for long, as when a DBA makes an index. Of a prepared transaction only the end of its work is known. Other
     * roles' transactions have no beginning here, unless this role may see it.
     */
    private static final String OLDEST_WRITE = TABLES + """
            select least(current_timestamp, min(begun)) from (
                select xact_start from pg_locks join tables on relation = tables.oid
                  join pg_stat_activity on pg_stat_activity.pid = pg_locks.pid
                 where locktype = 'relation'
                   and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                   and database = (select oid from pg_database where datname = current_database())
                union all
                select prepared from pg_prepared_xacts where database = current_database()) writes (begun)""";

    @Override
    public String eclipseLinkPlatform() {
        return EclipseLinkPostgresPlatform.class.getName();
    }

    @Override
    public List<String> scripts() {
        return List.of(Schema.SCRIPTS, "dev/tokentally/schema-postgresql");
    }

    @Override
    public String session() {
        return "select pg_backend_pid()";
    }

    @Override
    public void check(Connection connection, boolean mayChangeTheDatabase) {
        // Nothing to check: PostgreSQL keeps what it has acknowledged.
    }

    @Override
    public void mayWrite(Connection connection) throws SQLException, UsageStoreException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(MAY_WRITE)) {
            row.next();
            if (!row.getBoolean(1)) {
                throw new UsageStoreException(
                        "the database's user may not insert into llm_calls; records are stored once that right is granted",
                        null);
            }
            if (!row.getBoolean(2)) {
                throw new UsageStoreException("the database takes no writes, as it is read-only", null);
            }
        }
    }

    @Override
    public void mayMakeHistory(String history, Connection connection) throws SQLException {
        if (!Sql.of(MAY_MAKE, history).isTrue(connection)) {
            throw new SQLException("the role may not make tables in the first schema of its search path", NO_RIGHT);
        }
    }

    /**
     * Flyway locks its history table, but not while it makes this table. If nodes started together on an empty database, one would
     * fail.
     */
    @Override
    public void aroundMigration(DataSource dataSource, Runnable migration) throws SQLException {
        MigrationLock.around(dataSource, migration);
    }

    @Override
    public List<LongStep> longSteps() {
        return Stream.of("1_tenant_figures.sql", "2_cost_source.sql")
                .map(file -> LongStep.read(LONG_STEPS + file))
                .toList();
    }

    @Override
    public List<LongStep> partitioning() {
        return Stream.of("3_partitions.sql", "4_months.sql")
                .map(file -> LongStep.read(LONG_STEPS + file))
                .toList();
    }

    @Override
    public List<LongStep> backToOneTable() {
        return List.of(LongStep.read(LONG_STEPS + "3_partitions_undo.sql"));
    }

    @Override
    public List<LongStep> marking() {
        return List.of(LongStep.read(LONG_STEPS + "5_rollups.sql"));
    }

    @Override
    public String marks() {
        return MARKS;
    }

    @Override
    public Optional<String> marksAgain() {
        return Optional.of(MARKS_AGAIN);
    }

    @Override
    public Optional<String> unmarked() {
        return Optional.of(UNMARKED);
    }

    @Override
    public String markedFromNowOn() {
        return MARKED_FROM_NOW_ON;
    }

    /** A lock that comes before the snapshot, so that the step reads all partitions that the snapshot shows. */
    @Override
    public Optional<String> keepsTables() {
        return Optional.of("set local lock_timeout = '5s'; lock table only llm_calls in access share mode");
    }

    @Override
    public String takesRollups() {
        return TAKES_ROLLUPS;
    }

    @Override
    public String changing() {
        return CHANGING;
    }

    /** It prepares a statement on the server at the fifth run, unless {@code prepareThreshold} in its URL says otherwise. */
    @Override
    public int runsWithBytesAsText() {
        return 5;
    }

    @Override
    public Optional<String> snapshot() {
        return Optional.of("set transaction isolation level repeatable read");
    }

    @Override
    public Optional<String> partitions() {
        return Optional.of(PARTITIONS);
    }

    @Override
    public boolean sharesSessions(Connection connection, DataSource others) throws SQLException {
        return new Pooler(connection, others).sharesSessions();
    }

    /**
     * A script that waits for a lock gives up soon, since writers queue behind it. Otherwise it takes a moment, and no other
     * timeout must end it. This is set here, so a script that is the same for all databases need not set it.
     */
    @Override
    public void beforeScript(String script, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // The timeout is set for the transaction only, so that it does not remain in the session.
            statement
                    .executeQuery(
                            "select set_config('statement_timeout', '0', true), set_config('lock_timeout', '2s', true)")
                    .close();
        }
    }

    @Override
    public void insert(List<CallRecord> calls, EntityManager entities) {
        columns(entities.createNativeQuery(INSERT), CallColumn.ALL, calls).executeUpdate();
        entities.createNativeQuery(CHECK_NOW).executeUpdate();
    }

    @Override
    public List<CallRecord> missing(List<CallRecord> calls, EntityManager entities) throws RecordRefusedException {
        Set<UUID> stored = new HashSet<>();
        for (Object row :
                columns(entities.createNativeQuery(STORED), IDENTITY, calls).getResultList()) {
            UUID id = UUID.fromString((String) ((Object[]) row)[0]);
            if (!(Boolean) ((Object[]) row)[1]) {
                throw new RecordRefusedException("another call has the id " + id, null);
            }
            stored.add(id);
        }
        return calls.stream().filter(call -> !stored.contains(call.id())).toList();
    }

    @Override
    public Set<UUID> reprice(List<CostChange> changes, EntityManager entities) {
        Query query = entities.createNativeQuery(REPRICE)
                .setParameter(1, texts(changes, change -> change.call().tenantId()))
                .setParameter(
                        2,
                        texts(
                                changes,
                                change -> PostgresInstant.text(change.call().startedAt())))
                .setParameter(3, texts(changes, change -> change.call().id().toString()))
                .setParameter(
                        4, texts(changes, change -> change.call().costSource().label()))
                .setParameter(
                        5, texts(changes, change -> change.call().costUsd().toPlainString()))
                .setParameter(6, texts(changes, change -> change.cost().usd().toPlainString()))
                .setParameter(7, texts(changes, change -> change.cost().source().label()));
        Set<UUID> left = changes.stream().map(change -> change.call().id()).collect(Collectors.toSet());
        for (Object id : query.getResultList()) {
            left.remove(UUID.fromString((String) id));
        }
        return left;
    }

    @Override
    public int erase(String tenantId, List<UserRow> rows, String pseudonym, EntityManager entities) {
        return entities.createNativeQuery(ERASE)
                .setParameter(1, pseudonym)
                .setParameter(2, texts(rows, row -> PostgresInstant.text(row.startedAt())))
                .setParameter(3, texts(rows, row -> row.id().toString()))
                .setParameter(4, texts(rows, UserRow::user))
                .setParameter(5, tenantId)
                .executeUpdate();
    }

    @Override
    public RetentionDialect retention() {
        return new PostgresRetention();
    }

    @Override
    public Optional<String> writers() {
        return Optional.of(WRITERS);
    }

    @Override
    public String oldestWrite() {
        return OLDEST_WRITE;
    }

    /** The trigger of 5_rollups.sql does it. */
    @Override
    public void checkKept(List<CallRecord> calls, EntityManager entities) {}

    private static String arrays(List<CallColumn<?>> columns) {
        StringBuilder arrays = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            arrays.append(i == 0 ? "" : ", ")
                    .append("cast(?")
                    .append(i + 1)
                    .append(" as ")
                    .append(type(columns.get(i)))
                    .append("[])");
        }
        return arrays.toString();
    }

    private static String type(CallColumn<?> column) {
        return switch (column.type()) {
            case UUID -> "uuid";
            case TEXT, LABEL, METERS, TAGS -> "text";
            case INSTANT -> "timestamptz";
            case LONG -> "bigint";
            case INTEGER -> "integer";
            case DECIMAL -> "numeric";
        };
    }

    private static Query columns(Query query, List<CallColumn<?>> columns, List<CallRecord> calls) {
        int index = 0;
        for (CallColumn<?> column : columns) {
            query.setParameter(++index, texts(calls, call -> text(column, call)));
        }
        return query;
    }

    private static String text(CallColumn<?> column, CallRecord call) {
        return column.type() == CallColumn.Type.INSTANT
                ? PostgresInstant.text((Instant) column.of(call))
                : column.textOf(call);
    }

    private static <T> String[] texts(List<T> of, Function<T, String> text) {
        return of.stream().map(text).toArray(String[]::new);
    }

    @Override
    public Sql series(List<Instant> edges, Sql where, String sums, Connection connection) throws SQLException {
        return Sql.of(
                        "select width_bucket(started_at, ?) as bucket" + sums + " from llm_calls",
                        instants(edges, connection))
                .then(where)
                .then(" group by 1, 2");
    }

    @Override
    public Array instants(List<Instant> instants, Connection connection) throws SQLException {
        return connection.createArrayOf(
                "timestamptz", instants.stream().map(PostgresInstant::text).toArray());
    }
}
