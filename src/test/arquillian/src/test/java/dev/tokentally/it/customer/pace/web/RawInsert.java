package dev.tokentally.it.customer.pace.web;

import com.github.f4b6a3.uuid.UuidCreator;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import javax.sql.DataSource;

/** The floor: plain JDBC writes the row of a call in a transaction of its own, by begin, insert and commit. */
public final class RawInsert {

    /** The columns of a row, except the time that the database sets. */
    public static final String COLUMNS = """
            id, call_id, tenant_id, operation, started_at, call_duration_ms, first_token_ms, provider, model, \
            input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, \
            cost_usd, cost_source, status, error_class""";

    /** Inserts the row whose values are set. */
    public static final String INSERT =
            "insert into llm_calls (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private static final BigDecimal COST = new BigDecimal("0.0003600000");

    private final DataSource dataSource;
    private final String tenant;
    private final UUID callId = UUID.randomUUID();

    RawInsert(DataSource dataSource, String tenant) {
        this.dataSource = dataSource;
        this.tenant = tenant;
    }

    void insert() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                bind(insert, tenant, callId);
                insert.executeUpdate();
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    /** Sets the values of a row that starts now. */
    public static void bind(PreparedStatement insert, String tenant, UUID callId) throws SQLException {
        insert.setObject(1, UuidCreator.getTimeOrderedEpoch());
        insert.setObject(2, callId);
        insert.setString(3, tenant);
        insert.setString(4, "pace");
        insert.setObject(5, OffsetDateTime.now(ZoneOffset.UTC));
        insert.setLong(6, 1);
        insert.setNull(7, Types.BIGINT);
        insert.setString(8, "openai");
        insert.setString(9, "gpt-4o-mini");
        insert.setInt(10, 1_200);
        insert.setInt(11, 300);
        insert.setInt(12, 0);
        insert.setInt(13, 0);
        insert.setInt(14, 0);
        insert.setBigDecimal(15, COST);
        insert.setString(16, "provider");
        insert.setString(17, "ok");
        insert.setString(18, null);
    }
}
