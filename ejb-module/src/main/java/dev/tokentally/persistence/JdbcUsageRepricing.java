package dev.tokentally.persistence;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.UsageRepricing;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Reads calls and changes their cost, a page at a time. */
@ApplicationScoped
@Transactional(TxType.NOT_SUPPORTED)
class JdbcUsageRepricing implements UsageRepricing {

    /**
     * Only what is still as it was read. A row that has the new cost already counts as changed: an earlier try whose outcome
     * nobody knew did arrive.
     */
    private static final String REPRICE = """
            update llm_calls set cost_usd = ?, cost_source = 'price-list'
             where id = ?
               and (cost_source = ? and cost_usd = ? or cost_source = 'price-list' and cost_usd = ?)
               and cost_source <> 'provider'""";

    private final Store store;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected JdbcUsageRepricing() {
        this(null);
    }

    @Inject
    JdbcUsageRepricing(Store store) {
        this.store = store;
    }

    @Override
    public List<CallRecord> newestCalls(Window window, CallPosition after, int limit) throws UsageStoreException {
        CallFilter all = new CallFilter(window, null, null, null, null);
        try {
            return store.with(connection -> {
                List<CallRecord> calls = read(ReportSql.calls(null, all, after, limit), connection);
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                return calls;
            });
        } catch (SQLException | RuntimeException e) {
            throw Store.failure("the store could not be read", e);
        }
    }

    private static List<CallRecord> read(Sql sql, Connection connection) throws SQLException {
        try (PreparedStatement statement = sql.prepare(connection);
                ResultSet rows = statement.executeQuery()) {
            return CallRow.readAll(rows);
        }
    }

    @Override
    public Set<UUID> reprice(List<CostChange> changes) throws UsageStoreException {
        try {
            return store.with(connection -> {
                Set<UUID> left = new HashSet<>();
                OneTransaction.of(connection, () -> {
                    left.addAll(update(changes, connection));
                    connection.commit();
                });
                return left;
            });
        } catch (SQLException | RuntimeException e) {
            throw Store.failure("the store takes no changes", e);
        }
    }

    private static Set<UUID> update(List<CostChange> changes, Connection connection) throws SQLException {
        Set<UUID> left = new HashSet<>();
        try (PreparedStatement reprice = connection.prepareStatement(REPRICE)) {
            for (CostChange change : changes) {
                CallRecord call = change.call();
                reprice.setBigDecimal(1, change.costUsd());
                reprice.setObject(2, call.id());
                reprice.setString(3, call.costSource().label());
                reprice.setBigDecimal(4, call.costUsd());
                reprice.setBigDecimal(5, change.costUsd());
                reprice.addBatch();
            }
            int[] counts = reprice.executeBatch();
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] == 0) {
                    left.add(changes.get(i).call().id());
                }
            }
        }
        return left;
    }
}
