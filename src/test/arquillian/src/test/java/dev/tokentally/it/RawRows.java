package dev.tokentally.it;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.tokentally.it.customer.pace.web.RawInsert;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.postgresql.PGConnection;

/** Writes rows like those of calls with plain JDBC, as fast as PostgreSQL's driver can. */
final class RawRows {

    private static final int BATCH = 500;

    private final String url;
    private final String tenant;
    private final UUID callId = UUID.randomUUID();

    RawRows(Postgres postgres, String tenant) {
        this.url = postgres.jdbcUrl() + "&reWriteBatchedInserts=true";
        this.tenant = tenant;
    }

    /** Writes them in batches of 500 with a commit each, and returns the nanoseconds that it took. */
    long inBatches(int rows) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement insert = connection.prepareStatement(RawInsert.INSERT)) {
            connection.setAutoCommit(false);
            long start = System.nanoTime();
            for (int row = 1; row <= rows; row++) {
                RawInsert.bind(insert, tenant, callId);
                insert.addBatch();
                if (row % BATCH == 0 || row == rows) {
                    insert.executeBatch();
                    connection.commit();
                }
            }
            return System.nanoTime() - start;
        }
    }

    /** Writes them by COPY, with 500 rows for each commit, and returns the nanoseconds that it took. */
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
                                "copy llm_calls (" + RawInsert.COLUMNS + ") from stdin with (format csv)",
                                new StringReader(csv.toString()));
            }
            return System.nanoTime() - start;
        }
    }
}
