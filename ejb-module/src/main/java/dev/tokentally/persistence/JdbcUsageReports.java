package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads records, outside the caller's transaction. */
@ApplicationScoped
@Transactional(TxType.NOT_SUPPORTED)
class JdbcUsageReports implements UsageReports {

    private static final String LATEST_CALLS = "select " + CallRow.COLUMNS + """
             from llm_calls
            where tenant_id = ?
            order by started_at desc, id desc
            fetch first ? rows only""";

    private final Store store;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected JdbcUsageReports() {
        this(null);
    }

    @Inject
    JdbcUsageReports(Store store) {
        this.store = store;
    }

    @Override
    public List<CallRecord> latestCalls(String tenantId, int limit) throws UsageStoreException {
        try (Connection connection = store.connection();
                PreparedStatement query = connection.prepareStatement(LATEST_CALLS)) {
            query.setString(1, tenantId);
            query.setInt(2, limit);
            List<CallRecord> calls = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    calls.add(CallRow.read(rows));
                }
            }
            return calls;
        } catch (SQLException | RuntimeException e) {
            throw Store.failure("the store could not answer", e);
        }
    }
}
