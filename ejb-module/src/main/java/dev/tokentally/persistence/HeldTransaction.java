package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A transaction, which holds its session from its first statement on. Closing this undoes the transaction, and the connection is then
 * as the pool gave it.
 *
 * @param autoCommit whether the connection came with auto-commit
 */
record HeldTransaction(Connection connection, boolean autoCommit) implements AutoCloseable {

    static HeldTransaction on(Connection connection) throws SQLException {
        HeldTransaction transaction = new HeldTransaction(connection, connection.getAutoCommit());
        connection.setAutoCommit(false);
        return transaction;
    }

    @Override
    public void close() throws SQLException {
        connection.rollback();
        connection.setAutoCommit(autoCommit);
    }
}
