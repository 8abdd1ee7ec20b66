package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A pool that is configured to give connections without auto-commit. */
final class WithoutAutoCommit extends DataSourceWrapper {

    WithoutAutoCommit(DataSource wrapped) {
        super(wrapped);
    }

    @Override
    Connection prepared(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        return connection;
    }
}
