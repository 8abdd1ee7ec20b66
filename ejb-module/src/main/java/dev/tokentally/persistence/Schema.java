package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Our tables: made and upgraded by Flyway, or by a DBA with the same scripts. */
final class Schema {

    private static final Logger LOG = System.getLogger(Schema.class.getName());

    /** In the jar of this module; what a DBA runs by hand. */
    private static final String SCRIPTS = "dev/tokentally/schema";

    private static final String HISTORY = "tokentally_schema_history";

    private static final int LOCK_ATTEMPTS = 5;
    private static final int LOCK_PAUSE_MILLIS = 1000;

    private final DataSource dataSource;
    private final Dialect dialect;

    Schema(DataSource dataSource, Dialect dialect) {
        this.dataSource = dataSource;
        this.dialect = dialect;
    }

    /** The version of the last script that adds no column to llm_calls: whether the others have run, the columns tell. */
    static final String NEWEST = "4";

    /**
     * Does nothing when an earlier start has made all there is to make. Flyway would find that out too, but takes longer, and
     * on Payara the application would stay in memory after its end: Flyway uses the server's Jackson, which keeps the classes.
     */
    void migrate(Connection connection) throws SQLException {
        if (!isMade(connection)) {
            dialect.aroundMigration(dataSource, this::runFlywayAgainWhereItWaits);
        }
    }

    private boolean isMade(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet scripts =
                        statement.executeQuery("select \"version\", \"success\" from \"" + HISTORY + "\"")) {
            boolean made = false;
            while (scripts.next()) {
                if (!scripts.getBoolean("success")) {
                    return false;
                }
                made |= NEWEST.equals(scripts.getString("version"));
            }
            if (made) {
                Store.touchColumns(connection);
            }
            return made;
        } catch (SQLException noHistoryOrNoColumn) {
            return false;
        } finally {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
        }
    }

    /** A script gives up soon where another transaction holds its lock, so that writers do not queue behind it for long. */
    private void runFlywayAgainWhereItWaits() {
        for (int attempt = 1; ; attempt++) {
            try {
                runFlyway();
                return;
            } catch (RuntimeException e) {
                if (!StoreFailures.isLockTimeout(e)) {
                    throw e;
                }
                if (attempt == LOCK_ATTEMPTS || !Pause.of(LOCK_PAUSE_MILLIS)) {
                    // An outage like others: records wait in the spool, and the drainer tries again.
                    throw new IllegalStateException(
                            new SQLTransientConnectionException("another transaction holds a lock on llm_calls"));
                }
                LOG.log(
                        Level.INFO,
                        "The upgrade of the tables waits for a transaction that uses llm_calls, and tries again");
            }
        }
    }

    private void runFlyway() {
        // Of this class and not of the thread: only ours is sure to find the scripts inside the archive.
        Flyway.configure(Schema.class.getClassLoader())
                .dataSource(dataSource)
                .locations(locations())
                // A history of our own, in a schema that may hold the application's tables and its own history.
                .table(HISTORY)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .cleanDisabled(true)
                // V3 made an index that every record waited for: it is a long step now.
                .ignoreMigrationPatterns("*:missing")
                .load()
                .migrate();
    }

    /** A database's own scripts lie beside the others, as what is below them is found with them. A version is in one of them only. */
    private String[] locations() {
        return new String[] {"classpath:" + SCRIPTS, "classpath:" + dialect.scripts()};
    }

    void check(Connection connection) {
        try {
            Store.touchColumns(connection);
        } catch (SQLException missing) {
            LOG.log(
                    Level.ERROR,
                    "The table llm_calls cannot be read or lacks a column, and " + Setting.SCHEMA_MIGRATE.key()
                            + "=false leaves it to a DBA:"
                            + " records wait in the spool until the scripts in " + SCRIPTS
                            + " of the module's jar were run and the table may be read and written");
        }
    }
}
