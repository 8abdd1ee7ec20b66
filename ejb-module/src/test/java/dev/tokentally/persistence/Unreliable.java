package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A database that goes down and comes back. */
final class Unreliable extends DataSourceWrapper {

    boolean down;

    Unreliable(DataSource wrapped) {
        super(wrapped);
    }

    @Override
    Connection prepared(Connection connection) throws SQLException {
        if (down) {
            connection.close();
            throw new SQLException("Connection refused", "08001");
        }
        return connection;
    }
}
