package dev.tokentally.persistence;

import dev.tokentally.config.UserHash;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.Erasure;
import dev.tokentally.usage.ErasureState;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.UserErasures;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The table of erasures, and the rows that they change, a part at a time. All databases get the same statements. */
@ApplicationScoped
@Transactional(TxType.NOT_SUPPORTED)
class JpaUserErasures implements UserErasures {

    /** How many rows a part has. A statement then takes only a moment, also if it concerns few of the rows. */
    private static final int ROWS_OF_A_PART = 2000;

    private static final int ROWS_OF_A_TRANSACTION = 500;

    /** How often a request is tried. Two requests at the same moment get the same number, and the store refuses one of them. */
    private static final int TRIES = 20;

    /** The arguments are never null. The databases know the type of each from the text beside it in {@code coalesce}. */
    private static final String ASK = """
            insert into tokentally_erasures (id, number, tenant_id, user_hash, key_check, pseudonym, asked_at, state, rows_done,
                   round)
            select cast(?1 as uuid), coalesce(max(number), 0) + 1, coalesce(?2, ''), coalesce(?3, ''), coalesce(?4, ''),
                   coalesce(?5, ''), current_timestamp(6), 'running', 0, 0
              from tokentally_erasures""";

    private static final String COLUMNS =
            "select id, tenant_id, state, rows_done, rows_total, asked_at, ended_at, round from tokentally_erasures";

    private static final String TAKE = """
            update tokentally_erasures set worker = ?2, worker_seen = current_timestamp(6)
             where id = cast(?1 as uuid) and state <> 'done'
               and (worker is null or worker = ?2 or worker_seen < current_timestamp - interval '30' second)""";

    private static final String DONE = """
            update tokentally_erasures set state = 'done', ended_at = current_timestamp(6), rows_total = rows_done, worker = null
             where id = cast(?1 as uuid) and round = ?2 and state <> 'done'""";

    /** A node that was not seen for 30 seconds reads the erasures before it writes again. */
    private static final String BEHIND = """
            select application, node from tokentally_nodes
             where stopped = false and last_seen > current_timestamp - interval '30' second
               and (erasures_read is null or erasures_read < ?)
             order by application, node""";

    private final Store store;
    private final StoreReader reader;
    private final KnownErasures known;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected JpaUserErasures() {
        this(null, null, null);
    }

    @Inject
    JpaUserErasures(Store store, StoreReader reader, KnownErasures known) {
        this.store = store;
        this.reader = reader;
        this.known = known;
    }

    @Override
    public boolean hasKey() {
        return known.hash().isPresent();
    }

    @Override
    public Erasure ask(String tenantId, String user) throws UsageStoreException {
        UserHash hash = known.hash().orElseThrow(IllegalStateException::new);
        UUID id = UUID.randomUUID();
        String pseudonym = "erased-" + UUID.randomUUID();
        for (int tries = 1; ; tries++) {
            try {
                store.write((entities, dialect) -> NativeSql.query(
                                entities,
                                ASK,
                                id.toString(),
                                tenantId,
                                hash.of(user),
                                AskedErasure.keyCheck(hash),
                                pseudonym)
                        .executeUpdate());
                known.read();
                return read(connection -> one(id, connection))
                        .orElseThrow(() -> new UsageStoreException(
                                "the erasure is no longer in the table tokentally_erasures", null));
            } catch (RecordRefusedException refused) {
                if (!StoreFailures.isKeyConflict(refused) || tries == TRIES) {
                    throw refused;
                }
            }
        }
    }

    @Override
    public Optional<Erasure> find(UUID id) throws UsageStoreException {
        return reader.read(null, connection -> one(id, connection));
    }

    @Override
    public boolean read() throws UsageStoreException {
        return known.read();
    }

    @Override
    public long heeded() {
        return known.heeded();
    }

    @Override
    public void tell(UUID node) throws UsageStoreException {
        change(
                "update tokentally_nodes set erasures_read = ?2 where id = cast(?1 as uuid)",
                node.toString(),
                known.heeded());
    }

    @Override
    public List<Erasure> open() throws UsageStoreException {
        String check = known.hash().map(AskedErasure::keyCheck).orElse("");
        return read(connection ->
                list(Sql.of(COLUMNS + " where state <> 'done' and key_check = ? order by number", check), connection));
    }

    @Override
    public Optional<Erasure> take(UUID id, UUID node) throws UsageStoreException {
        return change(TAKE, id.toString(), node.toString()) == 0
                ? Optional.empty()
                : read(connection -> one(id, connection));
    }

    @Override
    public Part count(UUID id, CallPosition after) throws UsageStoreException {
        AskedErasure erasure = asked(id);
        List<UserRow> rows = rows(erasure, after);
        return new Part(meant(rows, erasure).size(), next(rows));
    }

    @Override
    public Part erase(UUID id, CallPosition after) throws UsageStoreException {
        AskedErasure erasure = asked(id);
        List<UserRow> rows = rows(erasure, after);
        List<UserRow> meant = meant(rows, erasure);
        long changed = 0;
        for (int from = 0; from < meant.size(); from += ROWS_OF_A_TRANSACTION) {
            changed += erase(meant.subList(from, Math.min(from + ROWS_OF_A_TRANSACTION, meant.size())), erasure);
        }
        return new Part(changed, next(rows));
    }

    /** The rows are counted in the same transaction, so each is counted once, even if the answer is lost. */
    private int erase(List<UserRow> rows, AskedErasure erasure) throws UsageStoreException {
        return store.write((entities, dialect) -> {
            int changed = dialect.erase(erasure.tenantId(), rows, erasure.pseudonym(), entities);
            NativeSql.query(
                            entities,
                            "update tokentally_erasures set rows_done = rows_done + ?2 where id = cast(?1 as uuid)",
                            erasure.id().toString(),
                            changed)
                    .executeUpdate();
            return changed;
        });
    }

    private AskedErasure asked(UUID id) throws UsageStoreException {
        AskedErasure erasure = known.find(id);
        if (erasure == null) {
            throw new UsageStoreException("the erasure is no longer in the table tokentally_erasures", null);
        }
        return erasure;
    }

    private List<UserRow> rows(AskedErasure erasure, CallPosition after) throws UsageStoreException {
        Sql sql = Sql.of(
                "select started_at, id, user_id, created_at from llm_calls where tenant_id = ?", erasure.tenantId());
        if (after != null) {
            // The first of the two conditions is for H2, which would otherwise begin at the newest row.
            sql = sql.then(
                    " and started_at <= ? and (started_at, id) < " + ReportSql.PLACE,
                    after.startedAt(),
                    after.startedAt(),
                    after.id());
        }
        Sql part =
                sql.then(" order by tenant_id, started_at desc, id desc fetch first " + ROWS_OF_A_PART + " rows only");
        return read(connection -> {
            try (PreparedStatement statement = part.prepare(connection);
                    ResultSet rows = statement.executeQuery()) {
                List<UserRow> found = new ArrayList<>();
                while (rows.next()) {
                    found.add(new UserRow(
                            Sql.instant(rows, 1),
                            rows.getObject(2, UUID.class),
                            rows.getString(3),
                            Sql.instant(rows, 4)));
                }
                return found;
            }
        });
    }

    private List<UserRow> meant(List<UserRow> rows, AskedErasure erasure) {
        UserHash hash = known.hash().orElseThrow(IllegalStateException::new);
        Map<String, Boolean> users = new HashMap<>();
        return rows.stream()
                .filter(erasure::concerns)
                .filter(row -> users.computeIfAbsent(
                        row.user(),
                        user -> user.equals(erasure.userHash()) || hash.of(user).equals(erasure.userHash())))
                .toList();
    }

    private static CallPosition next(List<UserRow> rows) {
        if (rows.size() < ROWS_OF_A_PART) {
            return null;
        }
        UserRow last = rows.get(rows.size() - 1);
        return new CallPosition(last.startedAt(), last.id());
    }

    @Override
    public void counted(UUID id, long left) throws UsageStoreException {
        change(
                "update tokentally_erasures set rows_total = rows_done + ?2 where id = cast(?1 as uuid)",
                id.toString(),
                left);
    }

    @Override
    public void waits(UUID id) throws UsageStoreException {
        change(
                "update tokentally_erasures set state = 'waiting' where id = cast(?1 as uuid) and state = 'running'",
                id.toString());
    }

    @Override
    public List<String> behind(UUID id) throws UsageStoreException {
        Sql sql = Sql.of(BEHIND, asked(id).number());
        return read(connection -> {
            try (PreparedStatement statement = sql.prepare(connection);
                    ResultSet rows = statement.executeQuery()) {
                List<String> names = new ArrayList<>();
                while (rows.next()) {
                    names.add(rows.getString(1) + " on " + rows.getString(2));
                }
                return names;
            }
        });
    }

    @Override
    public boolean isSettled(UUID id) {
        return known.isSettled(id);
    }

    @Override
    public Set<String> writers() throws UsageStoreException {
        return read(connection -> {
            Optional<String> query = store.dialect().writers();
            Set<String> writers = new HashSet<>();
            if (query.isPresent()) {
                try (PreparedStatement statement = connection.prepareStatement(query.get());
                        ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        writers.add(rows.getString(1));
                    }
                }
            }
            return writers;
        });
    }

    @Override
    public boolean done(UUID id, long round) throws UsageStoreException {
        return change(DONE, id.toString(), round) > 0;
    }

    private int change(String sql, Object... values) throws UsageStoreException {
        return store.write(
                (entities, dialect) -> NativeSql.query(entities, sql, values).executeUpdate());
    }

    private <T> T read(Store.Work<T> query) throws UsageStoreException {
        try {
            return store.read(query);
        } catch (SQLException | RuntimeException e) {
            throw StoreFailures.of("the store could not be read", e);
        }
    }

    private static Optional<Erasure> one(UUID id, Connection connection) throws SQLException {
        return list(Sql.of(COLUMNS + " where id = ?", id), connection).stream().findFirst();
    }

    private static List<Erasure> list(Sql sql, Connection connection) throws SQLException {
        try (PreparedStatement statement = sql.prepare(connection);
                ResultSet rows = statement.executeQuery()) {
            List<Erasure> erasures = new ArrayList<>();
            while (rows.next()) {
                long counted = rows.getLong(5);
                Long total = rows.wasNull() ? null : (Long) counted;
                erasures.add(new Erasure(
                        rows.getObject(1, UUID.class),
                        rows.getString(2),
                        ErasureState.ofLabel(rows.getString(3)),
                        rows.getLong(4),
                        total,
                        Sql.instant(rows, 6),
                        Sql.instant(rows, 7),
                        rows.getLong(8)));
            }
            return erasures;
        }
    }
}
