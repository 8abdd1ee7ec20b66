package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/** Ends a report after its time. The time begins when this is made. Used by one thread. */
final class Deadline implements AutoCloseable {

    private static final int ROWS_PER_LOOK_AT_THE_CLOCK = 100;

    private final long start = System.nanoTime();
    private final int maxSeconds;
    private final Connection connection;
    private long looks;

    Deadline(int maxSeconds, Connection connection) {
        this.maxSeconds = maxSeconds;
        this.connection = connection;
    }

    /** How long the next statement of the report may take. The report may have read rollups before it reads the calls. */
    int secondsLeft() {
        return (int) Math.max(1, maxSeconds - TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
    }

    /** Prepares a statement that ends when the time is over. Its timeout holds only until its first rows come. */
    PreparedStatement prepare(Sql sql) throws SQLException {
        PreparedStatement statement = sql.prepare(connection);
        statement.setQueryTimeout(secondsLeft());
        return statement;
    }

    /** Throws when the time is over. To be called for each row. */
    void check() throws SQLException {
        if (++looks % ROWS_PER_LOOK_AT_THE_CLOCK == 0 && System.nanoTime() - start > maxSeconds * 1_000_000_000L) {
            throw new SQLTimeoutException("the rows took too long", StoreReader.CANCELLED);
        }
    }

    /**
     * Takes the timeout of prepared statements back. H2: it belongs to the session, so the next user of the connection would have it
     * too.
     */
    @Override
    public void close() throws SQLException {
        try (Statement any = connection.createStatement()) {
            any.setQueryTimeout(0);
        }
    }
}
