package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes a record as one statement that commits by itself, while the caller's transaction is suspended: a transaction of
 * its own as REQUIRES_NEW would give, with one round trip less and with no commit after the method's last line that
 * could fail where nobody catches it.
 */
@ApplicationScoped
@Transactional(TxType.NOT_SUPPORTED)
class JdbcUsageRepository implements UsageRepository {

    private static final String FIND = "select " + CallRow.COLUMNS + " from llm_calls where id = ?";

    /** How often a batch may meet rows that came between asking and writing. */
    private static final int CONFLICTS = 5;

    private final Store store;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected JdbcUsageRepository() {
        this(null);
    }

    @Inject
    JdbcUsageRepository(Store store) {
        this.store = store;
    }

    @Override
    public void store(CallRecord call) throws UsageStoreException {
        write(connection -> insert(call, connection));
    }

    @Override
    public void storeAgain(CallRecord call) throws UsageStoreException {
        write(connection -> {
            try {
                insert(call, connection);
            } catch (SQLException e) {
                if (!isKeyConflict(e) || !isStored(call, connection)) {
                    throw e;
                }
            }
        });
    }

    @Override
    public void storeAll(List<CallRecord> calls) throws UsageStoreException {
        write(connection -> OneTransaction.of(connection, () -> insertMissing(calls, connection)));
    }

    private void write(Writing writing) throws UsageStoreException {
        try {
            store.with(connection -> {
                writing.on(connection);
                return null;
            });
        } catch (SQLException | RuntimeException e) {
            throw Store.failure("the store takes no records", e);
        }
    }

    /** Mostly none is there; only when one is, it is worth asking which. A late writer may come in between. */
    private void insertMissing(List<CallRecord> calls, Connection connection)
            throws SQLException, RecordRefusedException {
        BatchInsert batch = new BatchInsert(store.database(), connection);
        List<CallRecord> missing = calls;
        for (int attempt = 1; ; attempt++) {
            try {
                batch.insert(missing);
                connection.commit();
                return;
            } catch (SQLException e) {
                if (!isKeyConflict(e) || attempt == CONFLICTS) {
                    throw e;
                }
                connection.rollback();
                missing = missing(calls, connection);
            }
        }
    }

    private static List<CallRecord> missing(List<CallRecord> calls, Connection connection)
            throws SQLException, RecordRefusedException {
        Map<UUID, CallRecord> missing = new LinkedHashMap<>();
        calls.forEach(call -> missing.put(call.id(), call));
        String ids = String.join(", ", Collections.nCopies(calls.size(), "?"));
        try (PreparedStatement find = connection.prepareStatement(
                "select " + CallRow.COLUMNS + " from llm_calls where id in (" + ids + ")")) {
            for (int i = 0; i < calls.size(); i++) {
                find.setObject(i + 1, calls.get(i).id());
            }
            try (ResultSet rows = find.executeQuery()) {
                while (rows.next()) {
                    CallRecord stored = CallRow.read(rows);
                    if (!isSame(missing.remove(stored.id()), stored)) {
                        throw new RecordRefusedException("another call has the id " + stored.id(), null);
                    }
                }
            }
        }
        return List.copyOf(missing.values());
    }

    @Override
    public void check() throws UsageStoreException {
        write(Store::touch);
    }

    private static void insert(CallRecord call, Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(CallRow.INSERT)) {
            CallRow.bind(call, insert);
            insert.executeUpdate();
            commitUnlessAutomatic(connection);
        }
    }

    /** A pool may be set up without auto-commit; its connections then commit only when they are told. */
    private static void commitUnlessAutomatic(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
    }

    private static boolean isKeyConflict(SQLException e) {
        return "23505".equals(e.getSQLState());
    }

    private static boolean isStored(CallRecord call, Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
        return isSame(call, find(call.id(), connection));
    }

    /** Its cost may have been changed by a repricing before the call was sent again, and later columns by a newer release. */
    private static boolean isSame(CallRecord call, CallRecord stored) {
        return call != null
                && stored != null
                && call.id().equals(stored.id())
                && call.origin().equals(stored.origin())
                && call.timing().equals(stored.timing())
                && call.status() == stored.status();
    }

    private static CallRecord find(UUID id, Connection connection) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setObject(1, id);
            try (ResultSet rows = find.executeQuery()) {
                return rows.next() ? CallRow.read(rows) : null;
            }
        }
    }

    private interface Writing {
        void on(Connection connection) throws SQLException, UsageStoreException;
    }
}
