package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;

/** Our tables: made and upgraded by Flyway, or by a DBA with the same scripts. */
final class Schema {

    private static final Logger LOG = QuietLog.of(Schema.class);

    /** Where the scripts are in this module's jar that all databases can run. A DBA may run them by hand. */
    static final String SCRIPTS = "dev/tokentally/schema";

    static final String HISTORY = "tokentally_schema_history";

    /** This script made an index, and every record waited for it. A long step makes the index now. */
    private static final String GONE = "3";

    private static final int LOCK_ATTEMPTS = 5;
    private static final int LOCK_PAUSE_MILLIS = 1000;

    private final DataSource dataSource;
    private final Dialect dialect;
    private final boolean partitions;

    Schema(DataSource dataSource, Dialect dialect, boolean partitions) {
        this.dataSource = dataSource;
        this.dialect = dialect;
        this.partitions = partitions;
    }

    /**
     * The version of the last script that adds no column to llm_calls. For the other scripts, the columns show whether they have
     * run.
     */
    static final String NEWEST = "8";

    /**
     * Does nothing if an earlier start has made everything. Flyway would find that out too, but takes longer. On Payara it would
     * also keep the application in memory after its end, since Flyway uses the server's Jackson, which keeps the classes.
     */
    void migrate(Connection connection) throws SQLException {
        if (isMade(connection)) {
            return;
        }
        try {
            checkRights(connection);
            dialect.aroundMigration(dataSource, this::runFlywayAgainWhereItWaits);
        } catch (SQLException | RuntimeException e) {
            if (!StoreFailures.isForbidden(e) || !hasAllColumns(connection)) {
                throw e;
            }
            LOG.log(
                    Level.WARNING,
                    "The database's role may not change the tables, but they have everything that records need. Set "
                            + Setting.SCHEMA_MIGRATE.key() + "=false, and let a DBA run the scripts of later versions");
        }
    }

    private void checkRights(Connection connection) throws SQLException {
        try (ReadTransaction transaction = new ReadTransaction(connection)) {
            dialect.mayMakeHistory(HISTORY, connection);
        }
    }

    private static boolean hasAllColumns(Connection connection) throws SQLException {
        try (ReadTransaction transaction = new ReadTransaction(connection)) {
            Store.touchColumns(connection);
            return true;
        } catch (SQLException missing) {
            throwIfBroken(missing);
            return false;
        }
    }

    private boolean isMade(Connection connection) throws SQLException {
        try (ReadTransaction transaction = new ReadTransaction(connection);
                Statement statement = connection.createStatement();
                ResultSet scripts = statement.executeQuery(historyQuery(connection))) {
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
            throwIfBroken(noHistoryOrNoColumn);
            return false;
        }
    }

    /** Throws what a broken connection says, since on WildFly it says so only once. */
    private static void throwIfBroken(SQLException failure) throws SQLException {
        if (ConnectionFailures.isOne(failure)) {
            throw failure;
        }
    }

    /** On every database Flyway makes the table and its columns with names in small letters. */
    private static String historyQuery(Connection connection) throws SQLException {
        String quote = connection.getMetaData().getIdentifierQuoteString();
        return "select " + quote + "version" + quote + ", " + quote + "success" + quote + " from " + quote + HISTORY
                + quote;
    }

    /** A script gives up soon if another transaction holds its lock, so that writers do not queue behind the script for long. */
    private void runFlywayAgainWhereItWaits() {
        for (int attempt = 1; ; attempt++) {
            try {
                runFlyway();
                return;
            } catch (RuntimeException e) {
                if (!StoreFailures.isWait(e)) {
                    throw e;
                }
                if (attempt == LOCK_ATTEMPTS || !Pause.sleep(LOCK_PAUSE_MILLIS)) {
                    // This is an outage like any other: records wait in the spool, and the drainer tries again.
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
        // The class loader of this class, not of the thread: only ours is sure to find the scripts inside the archive.
        Flyway flyway = Flyway.configure(Schema.class.getClassLoader())
                .dataSource(FlywayConnections.of(dataSource))
                .locations(locations())
                // A history of our own, in a schema that may hold the application's tables and its own history.
                .table(HISTORY)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .cleanDisabled(true)
                .callbacks(new BeforeScripts(dialect))
                // A script that the history lacks is run, even if the history has a later one.
                .outOfOrder(true)
                // The history may have scripts of a newer version that ran here before, and V3, see below.
                .ignoreMigrationPatterns("*:future", "*:missing")
                .load();
        refuseMissing(flyway.info());
        flyway.migrate();
    }

    /** Flyway cannot be told which missing script it is to ignore. */
    private static void refuseMissing(MigrationInfoService history) {
        for (MigrationInfo script : history.all()) {
            boolean isMissing = script.getState() == MigrationState.MISSING_SUCCESS
                    || script.getState() == MigrationState.MISSING_FAILED;
            if (isMissing && !GONE.equals(script.getVersion().getVersion())) {
                throw new IllegalStateException(
                        "The table " + HISTORY + " says that " + script.getScript()
                                + " was run, but the module's jar has no such script: the jar or the table belongs to another application");
            }
        }
    }

    /** The scripts of one database are beside the others and not below them, since Flyway also finds scripts in subdirectories. */
    private String[] locations() {
        return dialect.scripts().stream().map(folder -> "classpath:" + folder).toArray(String[]::new);
    }

    /** For tables that a DBA maintains. */
    void check(Connection connection) throws SQLException {
        if (!hasAllColumns(connection)) {
            LOG.log(
                    Level.ERROR,
                    "The table llm_calls cannot be read or lacks a column, and " + Setting.SCHEMA_MIGRATE.key()
                            + "=false lets only a DBA change it:"
                            + " records wait in the spool until the scripts in "
                            + String.join(" and ", dialect.scripts())
                            + " of the module's jar were run and the table may be read and written");
            return;
        }
        List<LongStep> left = LongSteps.left(dialect, partitions, connection);
        if (!left.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "Records are stored, but a DBA still has to run steps of the upgrade, since "
                            + Setting.SCHEMA_MIGRATE.key() + "=false: " + LongStep.files(left)
                            + " of the module's jar");
        }
    }
}
