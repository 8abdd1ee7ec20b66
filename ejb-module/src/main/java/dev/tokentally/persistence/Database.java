package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

/** The databases that we store in. */
enum Database {
    H2("H2"),
    POSTGRESQL("PostgreSQL");

    private final String productName;

    Database(String productName) {
        this.productName = productName;
    }

    static Database of(Connection connection) throws SQLException {
        DatabaseMetaData product = connection.getMetaData();
        for (Database database : values()) {
            if (database.productName.equals(product.getDatabaseProductName())) {
                return database;
            }
        }
        throw new UnsupportedDatabaseException(
                product.getDatabaseProductName() + " " + product.getDatabaseProductVersion());
    }
}
