package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The transaction that a read begins if the pool's connections have no auto-commit. Closing this ends the transaction, so that the
 * connection can go back to the pool or serve another read.
 *
 * <p>Use it with try-with-resources, which throws the failure of the read itself. A {@code finally} would replace that failure: on
 * WildFly a connection that broke says so only once, and after that nothing shows that it was an outage.
 */
record ReadTransaction(Connection connection) implements AutoCloseable {

    @Override
    public void close() throws SQLException {
        end(connection);
    }

    /** Ends the transaction of a read that went well. */
    static void end(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
    }
}
