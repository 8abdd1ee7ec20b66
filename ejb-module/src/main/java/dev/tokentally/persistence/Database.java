package dev.tokentally.persistence;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The databases that we store in. */
enum Database {
    POSTGRESQL("PostgreSQL", new PostgresDialect()),
    H2("H2", new H2Dialect());

    private final String productName;
    private final Dialect dialect;

    Database(String productName, Dialect dialect) {
        this.productName = productName;
        this.dialect = dialect;
    }

    static Database of(DatabaseVersion version) {
        for (Database database : values()) {
            if (database.productName.equals(version.product())) {
                return database;
            }
        }
        throw new UnsupportedDatabaseException(
                version.product() + " " + version.text(),
                Stream.of(values()).map(each -> each.productName).collect(Collectors.joining(" or ")));
    }

    Dialect dialect() {
        return dialect;
    }
}
