package dev.tokentally.persistence;

import dev.tokentally.config.Setting;

/** The data source leads to a database for which we have no SQL. It stops the deployment. */
class UnsupportedDatabaseException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    UnsupportedDatabaseException(String product, String supported) {
        super("Tokentally cannot store its records in " + product + ": let " + Setting.DATASOURCE.key()
                + " name a data source of " + supported);
    }
}
