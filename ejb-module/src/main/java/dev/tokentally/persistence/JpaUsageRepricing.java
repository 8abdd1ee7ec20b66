package dev.tokentally.persistence;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.RecordTooOldException;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

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
        return calls(null, window, after, limit);
    }

    @Override
    public List<CallRecord> storedSince(Instant since, Window window, CallPosition after, int limit)
            throws UsageStoreException {
        return calls(since, window, after, limit);
    }

    private List<CallRecord> calls(Instant storedSince, Window window, CallPosition after, int limit)
            throws UsageStoreException {
        return read(connection -> {
            Window kept = KeptFrom.part(window, store.keptFrom().on(connection));
            if (kept == null) {
                return List.of();
            }
            CallFilter all = new CallFilter(kept, null, null, null, null);
            return read(ReportSql.calls(null, all, storedSince, after, limit), connection);
        });
    }

    @Override
    public Instant oldestWrite() throws UsageStoreException {
        return read(connection -> {
            try (PreparedStatement statement =
                            Sql.of(store.dialect().oldestWrite()).prepare(connection);
                    ResultSet row = statement.executeQuery()) {
                row.next();
                return Sql.instant(row, 1);
            }
        });
    }

    private <T> T read(Store.Work<T> reading) throws UsageStoreException {
        try {
            return store.with(connection -> {
                try (ReadTransaction transaction = new ReadTransaction(connection)) {
                    return reading.on(connection);
                }
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
        try {
            return write(changes);
        } catch (RecordTooOldException tooOld) {
            // Since the calls were read, the store has said that some of them are to be dropped.
            return writeKept(changes, tooOld);
        }
    }

    private Set<UUID> write(List<CostChange> changes) throws UsageStoreException {
        return changes.isEmpty()
                ? Set.of()
                : store.write((entities, dialect) -> {
                    dialect.checkKept(changes.stream().map(CostChange::call).toList(), entities);
                    return dialect.reprice(changes, entities);
                });
    }

    private Set<UUID> writeKept(List<CostChange> changes, RecordTooOldException tooOld) throws UsageStoreException {
        Instant from = readKeptFrom();
        if (from == null) {
            throw tooOld;
        }
        Map<Boolean, List<CostChange>> areKept = changes.stream()
                .collect(Collectors.partitioningBy(
                        change -> !change.call().startedAt().isBefore(from)));
        Set<UUID> left = new HashSet<>(write(areKept.get(true)));
        areKept.get(false).forEach(change -> left.add(change.call().id()));
        return left;
    }

    private Instant readKeptFrom() throws UsageStoreException {
        try {
            return store.with(store.keptFrom()::read).keptFrom();
        } catch (SQLException | RuntimeException e) {
            throw StoreFailures.of("the state of the retention could not be read", e);
        }
    }
}
