package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

/**
 * Which database it is, as its driver says.
 *
 * @param product its name
 * @param text its version, for people
 */
record DatabaseVersion(String product, String text, int major, int minor) {

    static DatabaseVersion of(Connection connection) throws SQLException {
        DatabaseMetaData told = connection.getMetaData();
        return new DatabaseVersion(
                told.getDatabaseProductName(),
                told.getDatabaseProductVersion(),
                told.getDatabaseMajorVersion(),
                told.getDatabaseMinorVersion());
    }
}
