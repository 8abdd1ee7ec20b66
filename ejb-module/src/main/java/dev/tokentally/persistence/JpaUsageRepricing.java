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
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Reads calls and changes their cost, a page at a time. */
@ApplicationScoped
@Transactional(TxType.NOT_SUPPORTED)
class JpaUsageRepricing implements UsageRepricing {

    private final Store store;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected JpaUsageRepricing() {
        this(null);
    }

    @Inject
    JpaUsageRepricing(Store store) {
        this.store = store;
    }

    @Override
    public List<CallRecord> newestCalls(Window window, CallPosition after, int limit) throws UsageStoreException {
        try {
            return store.with(connection -> {
                Window kept = KeptFrom.part(window, store.keptFrom().on(connection));
                if (kept == null) {
                    return List.of();
                }
                CallFilter all = new CallFilter(kept, null, null, null, null);
                List<CallRecord> calls = read(ReportSql.calls(null, all, after, limit), connection);
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                return calls;
            });
        } catch (SQLException | RuntimeException e) {
            throw StoreFailures.of("the store could not be read", e);
        }
    }

    @Override
    public Instant callsKeptFrom(Window window) {
        return window.callsKeptFrom(store.keptFrom().known());
    }

    private static List<CallRecord> read(Sql sql, Connection connection) throws SQLException {
        try (PreparedStatement statement = sql.prepare(connection);
                ResultSet rows = statement.executeQuery()) {
            return CallRow.readAll(rows);
        }
    }

    @Override
    public Set<UUID> reprice(List<CostChange> changes) throws UsageStoreException {
        return changes.isEmpty() ? Set.of() : store.write((entities, dialect) -> dialect.reprice(changes, entities));
    }
}
