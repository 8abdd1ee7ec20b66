package dev.tokentally.persistence;

/** The databases that we store in. */
enum Database {
    H2("H2", new H2Dialect()),
    POSTGRESQL("PostgreSQL", new PostgresDialect());

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
        throw new UnsupportedDatabaseException(version.product() + " " + version.text());
    }

    Dialect dialect() {
        return dialect;
    }
}
