package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * What a person can do if a store cannot be prepared as it is. None of these faults stops an application's start, since the records
 * wait in the spool until the fault is removed.
 */
final class Remedy {

    private static final String NO_RIGHTS =
            "the database's role may not make or change the tables. Since PostgreSQL 15 a role has no rights in the schema public."
                    + " Let a DBA either give it a schema of its own (create schema tokentally authorization ROLE), or grant it"
                    + " usage and create on the schema and let it own llm_calls, or run the scripts of the module's jar and set "
                    + Setting.SCHEMA_MIGRATE.key() + "=false (docs/upgrades.md)";

    private static final String DAMAGED =
            "the file of the H2 database is damaged, cut short or not to be read. Stop the server and put a backup in its place; or"
                    + " move it away, have H2's Recover tool rescue what is left, and start with a new file (docs/upgrades.md)";

    private static final String POOLER =
            "a prepared statement is not there: PgBouncer or the like gives each transaction another session. Add"
                    + " prepareThreshold=0 to the URL of the data source (docs/upgrades.md)";

    /** By SQLSTATE. */
    private static final Map<String, String> KNOWN = Map.of(
            // PostgreSQL: no right; no schema to make tables in, as the role may use none of its search path.
            "42501", NO_RIGHTS,
            "3F000", NO_RIGHTS,
            // PostgreSQL: no such prepared statement; there is one already.
            "26000", POOLER,
            "42P05", POOLER,
            // H2: a file that cannot be read, that is corrupt, that another version has written.
            "90028", DAMAGED,
            "90030", DAMAGED);

    private Remedy() {}

    static Optional<String> of(Throwable failure) {
        return Causes.of(failure).stream()
                .filter(SQLException.class::isInstance)
                .map(cause -> KNOWN.get(String.valueOf(((SQLException) cause).getSQLState())))
                .filter(remedy -> remedy != null)
                .findFirst();
    }
}
