package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.RecordTooOldException;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** H2 2.2. It runs in the server's process, so many small statements cost little. */
final class H2Dialect implements Dialect {

    private static final Logger LOG = QuietLog.of(H2Dialect.class);

    private static final String REPRICE = """
            update llm_calls set cost_usd = ?1, cost_source = ?2
             where id = ?3
               and (cost_source = ?4 and cost_usd = ?5 or cost_source = ?2 and cost_usd = ?1)
               and cost_source <> 'provider'""";

    /** No call that started less than an hour ago is too old, since calls are kept for an hour at least. */
    private static final Duration NEVER_TOO_OLD = Duration.ofHours(1);

    /** The lock lets no other transaction say that later calls are kept, before this one has ended. */
    private static final String KEPT_FROM =
            "select extract(epoch from kept_from) from tokentally_rollup_state where id = 1 for update";
    /** The transaction has written the call, so either it sees that the interval is closing, or the closing waits for it. */
    private static final String MARK = """
            insert into tokentally_rollup_marks (tenant_id, starts, unit)
            select cast(?1 as varchar), cast(?2 as integer), 0 from tokentally_rollup_state
             where id = 1 and closing > cast(?2 as integer)""";

    /** The isolation "snapshot", which JDBC has no constant for. */
    private static final int SNAPSHOT = 6;

    @Override
    public String eclipseLinkPlatform() {
        return EclipseLinkH2Platform.class.getName();
    }

    @Override
    public List<String> scripts() {
        return List.of(Schema.SCRIPTS, "dev/tokentally/schema-h2");
    }

    @Override
    public String session() {
        return "select session_id()";
    }

    @Override
    public void check(Connection connection, boolean mayChangeTheDatabase) throws SQLException {
        new H2Durability(connection).check(mayChangeTheDatabase);
    }

    /** A read-only H2 answers with an SQLState that no row can cause. Each write needs the table of marks. */
    @Override
    public void mayWrite(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement
                    .executeQuery("select 1 from tokentally_rollup_marks where 1 = 0")
                    .close();
        }
    }

    /** Nothing has to be locked, since H2's file belongs to one process. */
    @Override
    public void aroundMigration(DataSource dataSource, Runnable migration) throws SQLException {
        H2HalfScripts.forgetFailure(dataSource);
        migration.run();
    }

    @Override
    public List<LongStep> longSteps() {
        return List.of();
    }

    @Override
    public boolean sharesSessions(Connection connection, DataSource others) {
        return false;
    }

    /** H2 copies the table for a statement that adds columns. A script that changes only small tables takes a moment. */
    @Override
    public void beforeScript(String script, Connection connection) throws SQLException {
        H2HalfScripts.takeBack(script, connection);
        if (!changesCalls(script)) {
            return;
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select count(*) from llm_calls")) {
            if (rows.next() && rows.getLong(1) > 0) {
                LOG.log(
                        Level.INFO,
                        "H2 may copy the " + rows.getLong(1) + " rows of llm_calls for " + script
                                + "; the start of the application waits for it");
            }
        } catch (SQLException noTableYet) {
            // The first script makes the table.
        }
    }

    private static boolean changesCalls(String script) {
        try (InputStream in = H2Dialect.class.getResourceAsStream("/dev/tokentally/schema-h2/" + script)) {
            return in == null || new String(in.readAllBytes(), StandardCharsets.UTF_8).contains("llm_calls");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void insert(List<CallRecord> calls, EntityManager entities) {
        calls.forEach(call -> entities.persist(new LlmCall(call)));
        changed(calls, entities);
    }

    @Override
    public void changed(List<CallRecord> calls, EntityManager entities) {
        entities.flush();
        calls.stream()
                .collect(Collectors.groupingBy(
                        CallRecord::tenantId,
                        Collectors.mapping(call -> Unit.quarter(call.startedAt()), Collectors.toSet())))
                .forEach((tenant, quarters) -> quarters.forEach(quarter ->
                        NativeSql.query(entities, MARK, tenant, quarter).executeUpdate()));
    }

    /** H2 has no triggers that this module could make, so a change by somebody else would not be noticed. */
    @Override
    public String marks() {
        return "select false";
    }

    @Override
    public String takesRollups() {
        return "select true from tokentally_rollup_state where id = 3 for update";
    }

    @Override
    public String changing() {
        return "select session_id from information_schema.sessions where contains_uncommitted and session_id <> session_id()";
    }

    @Override
    public int sessionSnapshot() {
        return SNAPSHOT;
    }

    @Override
    public List<CallRecord> missing(List<CallRecord> calls, EntityManager entities) throws RecordRefusedException {
        List<CallRecord> missing = new ArrayList<>();
        for (CallRecord call : calls) {
            if (count("select count(c) from LlmCall c where c.id = ?1", entities, call.id()) == 0) {
                missing.add(call);
            } else if (!isStored(call, entities)) {
                throw new RecordRefusedException("another call has the id " + call.id(), null);
            }
        }
        return missing;
    }

    private static boolean isStored(CallRecord call, EntityManager entities) {
        return count(
                        """
                        select count(c) from LlmCall c
                         where c.id = ?1 and c.callId = ?2 and c.tenantId = ?3 and c.operation = ?4
                           and c.startedAt = ?5 and c.callDurationMs = ?6 and c.status = ?7""",
                        entities,
                        call.id(),
                        call.callId(),
                        call.tenantId(),
                        call.operation(),
                        call.startedAt().atOffset(ZoneOffset.UTC),
                        call.callDuration().toMillis(),
                        call.status().label())
                > 0;
    }

    private static long count(String query, EntityManager entities, Object... arguments) {
        var typed = entities.createQuery(query, Long.class);
        for (int i = 0; i < arguments.length; i++) {
            typed.setParameter(i + 1, arguments[i]);
        }
        return typed.getSingleResult();
    }

    @Override
    public Set<UUID> reprice(List<CostChange> changes, EntityManager entities) {
        Set<UUID> left = new HashSet<>();
        for (CostChange change : changes) {
            CallRecord call = change.call();
            int changed = entities.createNativeQuery(REPRICE)
                    .setParameter(1, change.cost().usd())
                    .setParameter(2, change.cost().source().label())
                    .setParameter(3, call.id())
                    .setParameter(4, call.costSource().label())
                    .setParameter(5, call.costUsd())
                    .executeUpdate();
            if (changed == 0) {
                left.add(call.id());
            }
        }
        changed(changes.stream().map(CostChange::call).toList(), entities);
        return left;
    }

    @Override
    public int erase(String tenantId, List<UserRow> rows, String pseudonym, EntityManager entities) {
        int changed = 0;
        for (UserRow row : rows) {
            changed += NativeSql.query(
                            entities,
                            "update llm_calls set user_id = ?1 where id = ?2 and user_id = ?3",
                            pseudonym,
                            row.id(),
                            row.user())
                    .executeUpdate();
        }
        return changed;
    }

    @Override
    public RetentionDialect retention() {
        return new H2Retention();
    }

    @Override
    public void checkKept(List<CallRecord> calls, EntityManager entities) throws RecordTooOldException {
        Instant recent = Instant.now().minus(NEVER_TOO_OLD);
        Optional<Instant> oldest = calls.stream().map(CallRecord::startedAt).min(Instant::compareTo);
        if (oldest.isEmpty() || !oldest.get().isBefore(recent)) {
            return;
        }
        List<?> rows = entities.createNativeQuery(KEPT_FROM).getResultList();
        Object keptFrom = rows.isEmpty() ? null : rows.get(0);
        if (keptFrom != null && oldest.get().getEpochSecond() < new BigDecimal(keptFrom.toString()).longValue()) {
            throw new RecordTooOldException(KeptFrom.TOO_OLD, null);
        }
    }

    /** H2's file belongs to one process, which knows its own writes. */
    @Override
    public Optional<String> writers() {
        return Optional.empty();
    }

    /** A write does not wait for longer than H2's lock timeout, which is two seconds by default. H2 cannot tell when it began. */
    @Override
    public String oldestWrite() {
        return "select current_timestamp(6)";
    }

    /** H2 cannot make the buckets from an array, so they are a table to join. */
    @Override
    public Sql series(List<Instant> edges, Sql where, String sums, Connection connection) throws SQLException {
        return Sql.of(
                        "select bucket" + sums
                                + " from unnest(?, ?) with ordinality as buckets (first_instant, end_instant, bucket)"
                                + " join llm_calls on started_at >= first_instant and started_at < end_instant",
                        instants(edges.subList(0, edges.size() - 1), connection),
                        instants(edges.subList(1, edges.size()), connection))
                .then(where)
                .then(" group by bucket, name");
    }

    @Override
    public Array instants(List<Instant> instants, Connection connection) throws SQLException {
        Object[] values = instants.stream()
                .map(instant -> OffsetDateTime.ofInstant(instant, ZoneOffset.UTC))
                .toArray();
        return connection.createArrayOf("timestamp with time zone", values);
    }
}
