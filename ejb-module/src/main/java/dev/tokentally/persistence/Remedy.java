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

    private static final String READ_ONLY =
            "the database takes no changes. Let the data source lead to the primary and not to a standby, or end the read-only mode"
                    + " (default_transaction_read_only on PostgreSQL, ACCESS_MODE_DATA or the rights of the file on H2)";

    private static final String NO_ROOM =
            "the database is short of disk space, memory or connections. Give it more of what its message names";

    private static final String OTHER_VERSION =
            "another version of H2 has written the file of the H2 database. Start the server that wrote it; or export the data with"
                    + " the H2 of that version (java -cp h2.jar org.h2.tools.Script), and import them into a new file"
                    + " (org.h2.tools.RunScript, docs/upgrades.md)";

    /** By SQLSTATE, or by its first two characters, which are its class. */
    private static final Map<String, String> KNOWN = Map.ofEntries(
            // PostgreSQL: no right; no schema to make tables in, as the role may use none of its search path.
            Map.entry("42501", NO_RIGHTS),
            Map.entry("3F000", NO_RIGHTS),
            // PostgreSQL: no such prepared statement; there is one already.
            Map.entry("26000", POOLER),
            Map.entry("42P05", POOLER),
            // PostgreSQL: a read-only transaction. H2: a read-only database.
            Map.entry("25006", READ_ONLY),
            Map.entry("90097", READ_ONLY),
            // PostgreSQL: insufficient resources.
            Map.entry("53", NO_ROOM),
            // H2: a file that cannot be read; one that is corrupt.
            Map.entry("90028", DAMAGED),
            Map.entry("90030", DAMAGED),
            // H2: a file of an older or newer version.
            Map.entry("90048", OTHER_VERSION));

    private Remedy() {}

    static Optional<String> of(Throwable failure) {
        return Causes.of(failure).stream()
                .filter(SQLException.class::isInstance)
                .map(cause -> known(((SQLException) cause).getSQLState()))
                .filter(remedy -> remedy != null)
                .findFirst();
    }

    private static String known(String state) {
        return state == null || state.length() < 2 ? null : KNOWN.getOrDefault(state, KNOWN.get(state.substring(0, 2)));
    }
}
