package dev.tokentally.it;

import com.github.f4b6a3.uuid.UuidCreator;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.postgresql.PGConnection;

/** What plain JDBC makes of rows like those of calls, as fast as PostgreSQL's driver can. */
final class RawRows {

    private static final int BATCH = 500;

    private static final String COLUMNS = """
            id, call_id, tenant_id, operation, started_at, call_duration_ms, first_token_ms, provider, model, \
            input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, \
            cost_usd, cost_source, status, error_class""";

    private final String url;
    private final String tenant;
    private final UUID callId = UUID.randomUUID();

    RawRows(Postgres postgres, String tenant) {
        this.url = postgres.jdbcUrl() + "&reWriteBatchedInserts=true";
        this.tenant = tenant;
    }

    /** In batches of 500, each with a commit; answers how many nanoseconds it took. */
    long inBatches(int rows) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement insert = connection.prepareStatement("insert into llm_calls (" + COLUMNS
                        + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            connection.setAutoCommit(false);
            long start = System.nanoTime();
            for (int row = 1; row <= rows; row++) {
                bind(insert);
                insert.addBatch();
                if (row % BATCH == 0 || row == rows) {
                    insert.executeBatch();
                    connection.commit();
                }
            }
            return System.nanoTime() - start;
        }
    }

    private void bind(PreparedStatement insert) throws SQLException {
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
        insert.setBigDecimal(15, new BigDecimal("0.0003600000"));
        insert.setString(16, "provider");
        insert.setString(17, "ok");
        insert.setString(18, null);
    }

    /** By COPY, 500 rows with each commit; answers how many nanoseconds it took. */
    long byCopy(int rows) throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection(url)) {
            long start = System.nanoTime();
            for (int done = 0; done < rows; done += BATCH) {
                StringBuilder csv = new StringBuilder();
                for (int row = done; row < Math.min(rows, done + BATCH); row++) {
                    csv.append(UuidCreator.getTimeOrderedEpoch())
                            .append(',')
                            .append(callId)
                            .append(',')
                            .append(tenant)
                            .append(",pace,")
                            .append(OffsetDateTime.now(ZoneOffset.UTC))
                            .append(",1,,openai,gpt-4o-mini,1200,300,0,0,0,0.0003600000,provider,ok,\n");
                }
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "copy llm_calls (" + COLUMNS + ") from stdin with (format csv)",
                                new StringReader(csv.toString()));
            }
            return System.nanoTime() - start;
        }
    }
}
