package dev.tokentally.persistence;

import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.Partitions;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.RejectedCall;
import dev.tokentally.usage.Retention;
import dev.tokentally.usage.Rollups;
import dev.tokentally.usage.SeenNode;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The tables of nodes and of the records that are refused on them. All databases get the same statements. Ids and an instant that
 * may be null are passed as texts, since the JPA providers bind these types in ways that one of the databases does not understand.
 */
@ApplicationScoped
class JpaRecordingNodes implements RecordingNodes {

    private static final String UPDATE = """
            update tokentally_nodes set application = ?2, node = ?3, mode = ?4, circuit = ?5, waiting = ?6,
                   oldest = %s, rejected = ?8, dropped = ?9, without_scope = ?10,
                   stopped = (?11 = 'true'), retries_done = case when ?12 < 0 then retries_done else ?12 end,
                   last_seen = current_timestamp(6)
             where id = cast(?1 as uuid) and last_seen <= %s""";

    private static final String INSERT = """
            insert into tokentally_nodes (id, application, node, mode, circuit, waiting, oldest, rejected, dropped, without_scope,
                   stopped, retries_done, retries_asked, last_seen)
            values (cast(?1 as uuid), ?2, ?3, ?4, ?5, ?6, %s, ?8, ?9, ?10,
                   (?11 = 'true'), 0, 0, current_timestamp(6))""";

    private static final String OLDEST = "nullif(cast(?7 as varchar(64)), '')";

    /** The instant is read as a number, since the providers differ in reading anything but numbers and texts. */
    private static final String HEARD = """
            select %s, retries_asked, retries_done
              from tokentally_nodes where id = cast(?1 as uuid)""";

    /** Only the database's clock counts, since the clocks of the nodes differ. */
    private static final String ALL = """
            select id, application, node, mode, circuit, waiting, oldest, rejected, dropped, without_scope, last_seen,
                   case when last_seen < current_timestamp - interval '30' second then 1 else 0 end
              from tokentally_nodes
             where stopped = false and last_seen > current_timestamp - interval '7' day
             order by last_seen desc fetch first 1000 rows only""";

    private static final String LIST = """
            select refused.id, tenant_id, operation, started_at, rejected_at, tries, next_try, reason, application, node
              from tokentally_rejected refused join tokentally_nodes nodes on nodes.id = node_id
             where node_id <> ?""";

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    private final Store store;
    private final StoreReader reader;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected JpaRecordingNodes() {
        this(null, null);
    }

    @Inject
    JpaRecordingNodes(Store store, StoreReader reader) {
        this.store = store;
        this.reader = reader;
    }

    @Override
    public Optional<Heard> beat(NodeState state, Instant before, long retriesDone) throws UsageStoreException {
        return store.write((entities, dialect) -> {
            int known = told(
                            String.format(Locale.ROOT, UPDATE, dialect.instant(OLDEST), dialect.instant("?13")),
                            state,
                            entities)
                    .setParameter(12, retriesDone)
                    .setParameter(13, text(before == null ? LAST : before))
                    .executeUpdate();
            if (known == 0) {
                if (heard(state.id(), entities, dialect).isPresent()) {
                    return Optional.<Heard>empty();
                }
                told(String.format(Locale.ROOT, INSERT, dialect.instant(OLDEST)), state, entities)
                        .executeUpdate();
            }
            return heard(state.id(), entities, dialect);
        });
    }

    private static Optional<Heard> heard(UUID node, EntityManager entities, Dialect dialect) {
        List<?> rows = NativeSql.query(
                        entities, String.format(Locale.ROOT, HEARD, dialect.epoch("last_seen")), node.toString())
                .getResultList();
        return rows.stream().findFirst().map(row -> {
            Object[] columns = (Object[]) row;
            return new Heard(ofEpoch(columns[0]), ((Number) columns[1]).longValue(), ((Number) columns[2]).longValue());
        });
    }

    private static Instant ofEpoch(Object seconds) {
        BigDecimal micros = new BigDecimal(seconds.toString()).movePointRight(6);
        return Instant.EPOCH.plus(micros.longValue(), ChronoUnit.MICROS);
    }

    @Override
    public List<SeenNode> all() throws UsageStoreException {
        try {
            return store.read(JpaRecordingNodes::all);
        } catch (SQLException | RuntimeException e) {
            throw StoreFailures.of("the nodes could not be read", e);
        }
    }

    private static List<SeenNode> all(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ALL);
                ResultSet rows = statement.executeQuery()) {
            List<SeenNode> nodes = new ArrayList<>();
            while (rows.next()) {
                NodeState state = new NodeState(
                        rows.getObject(1, UUID.class),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getString(4),
                        rows.getString(5),
                        rows.getLong(6),
                        Sql.instant(rows, 7),
                        rows.getLong(8),
                        rows.getLong(9),
                        rows.getLong(10),
                        false);
                nodes.add(new SeenNode(state, Sql.instant(rows, 11), rows.getInt(12) == 1));
            }
            return nodes;
        }
    }

    @Override
    public Partitions partitions() throws UsageStoreException {
        try {
            Partitions found = store.read(connection -> PartitionState.of(store.dialect(), connection))
                    .partitions();
            return found.isConverting() && !store.partitionsItself() ? Partitions.ONE_TABLE : found;
        } catch (SQLException | RuntimeException e) {
            throw StoreFailures.of("the state of the partitions could not be read", e);
        }
    }

    @Override
    public Retention retention() throws UsageStoreException {
        try {
            return store.read(store.keptFrom()::read);
        } catch (SQLException | RuntimeException e) {
            throw StoreFailures.of("the state of the retention could not be read", e);
        }
    }

    @Override
    public Rollups rollups() throws UsageStoreException {
        if (!store.rollups()) {
            return null;
        }
        try {
            return store.read(RollupState::status);
        } catch (SQLException | RuntimeException e) {
            if (StoreFailures.isNoTable(e) || StoreFailures.isForbidden(e)) {
                return null;
            }
            throw StoreFailures.of("the state of the rollups could not be read", e);
        }
    }

    private static Query told(String sql, NodeState state, EntityManager entities) {
        return NativeSql.query(
                entities,
                sql,
                state.id().toString(),
                state.application(),
                state.node(),
                state.mode(),
                state.circuit(),
                state.waiting(),
                text(state.oldest()),
                state.rejected(),
                state.dropped(),
                state.withoutScope(),
                Boolean.toString(state.stopped()));
    }

    @Override
    public void show(UUID node, Set<UUID> gone, List<RejectedCall> calls, boolean all) throws UsageStoreException {
        store.write((entities, dialect) -> {
            if (all) {
                NativeSql.query(
                                entities,
                                "delete from tokentally_rejected where node_id = cast(?1 as uuid)",
                                node.toString())
                        .executeUpdate();
            }
            // Another node may have shown the record before, since it may come from a deployment that is gone.
            for (UUID id : gone) {
                NativeSql.query(entities, "delete from tokentally_rejected where id = cast(?1 as uuid)", id.toString())
                        .executeUpdate();
            }
            for (RejectedCall call : calls) {
                entities.persist(new RejectedRow(node, call));
            }
            return null;
        });
    }

    @Override
    public List<RejectedCall> rejected(UUID except, CallPosition after, int limit) throws UsageStoreException {
        return reader.read(null, connection -> list(except, after, limit, connection));
    }

    private static List<RejectedCall> list(UUID except, CallPosition after, int limit, Connection connection)
            throws SQLException {
        Sql sql = Sql.of(LIST, except);
        if (after != null) {
            OffsetDateTime instant = after.startedAt().atOffset(ZoneOffset.UTC);
            sql = sql.then(
                    " and (rejected_at < ? or rejected_at = ? and refused.id < ?)", instant, instant, after.id());
        }
        sql = sql.then(" order by rejected_at desc, refused.id desc fetch first " + limit + " rows only");
        try (PreparedStatement statement = sql.prepare(connection);
                ResultSet rows = statement.executeQuery()) {
            List<RejectedCall> calls = new ArrayList<>();
            while (rows.next()) {
                calls.add(new RejectedCall(
                        rows.getObject(1, UUID.class),
                        rows.getString(2),
                        rows.getString(3),
                        Sql.instant(rows, 4),
                        Sql.instant(rows, 5),
                        rows.getInt(6),
                        Sql.instant(rows, 7),
                        rows.getString(8),
                        rows.getString(9),
                        rows.getString(10)));
            }
            return calls;
        }
    }

    @Override
    public void askForRetries() throws UsageStoreException {
        store.write((entities, dialect) -> entities.createNativeQuery(
                        "update tokentally_nodes set retries_asked = retries_asked + 1")
                .executeUpdate());
    }

    @Override
    public void forget() throws UsageStoreException {
        store.write((entities, dialect) -> {
            entities.createNativeQuery(
                            "delete from tokentally_nodes where last_seen < current_timestamp - interval '7' day")
                    .executeUpdate();
            entities.createNativeQuery(
                            "delete from tokentally_rejected where node_id not in (select id from tokentally_nodes)")
                    .executeUpdate();
            return null;
        });
    }

    /** H2 does not read all years as PostgreSQL does. No call is in the years that are cut off here. */
    private static String text(Instant instant) {
        return instant == null || instant.isBefore(FIRST) || instant.isAfter(LAST) ? "" : PostgresInstant.text(instant);
    }
}
