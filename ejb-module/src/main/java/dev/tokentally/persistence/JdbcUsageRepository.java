package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
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
import java.util.UUID;

/**
 * Writes a record as one statement that commits by itself, while the caller's transaction is suspended: a transaction of
 * its own as REQUIRES_NEW would give, with one round trip less and with no commit after the method's last line that
 * could fail where nobody catches it.
 */
@ApplicationScoped
@Transactional(TxType.NOT_SUPPORTED)
class JdbcUsageRepository implements UsageRepository {

    private static final String INSERT = "insert into llm_calls (" + CallRow.COLUMNS
            + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private static final String FIND = "select " + CallRow.COLUMNS + " from llm_calls where id = ?";

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
        try (Connection connection = store.connection()) {
            insert(call, connection);
        } catch (SQLException | RuntimeException e) {
            throw Store.failure("the store refused the record", e);
        }
    }

    @Override
    public void storeAgain(CallRecord call) throws UsageStoreException {
        try (Connection connection = store.connection()) {
            try {
                insert(call, connection);
            } catch (SQLException e) {
                if (!isKeyConflict(e) || !isStored(call, connection)) {
                    throw e;
                }
            }
        } catch (SQLException | RuntimeException e) {
            throw Store.failure("the store refused the record", e);
        }
    }

    private static void insert(CallRecord call, Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
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
        return call.equals(find(call.id(), connection));
    }

    private static CallRecord find(UUID id, Connection connection) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setObject(1, id);
            try (ResultSet rows = find.executeQuery()) {
                return rows.next() ? CallRow.read(rows) : null;
            }
        }
    }
}
