package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import dev.tokentally.config.TemporaryDirectory;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Makes sure that H2 keeps acknowledged commits when the process is killed, or says that it does not. By default H2 writes a commit
 * up to half a second later. This class also says if a restart may delete the whole database.
 */
final class H2Durability {

    private static final Logger LOG = QuietLog.of(H2Durability.class);

    private final Connection connection;
    private final String temporaryDirectory;

    H2Durability(Connection connection) {
        this(connection, System.getProperty(TemporaryDirectory.PROPERTY));
    }

    /** For tests, with a temporary directory other than the one of this process. */
    H2Durability(Connection connection, String temporaryDirectory) {
        this.connection = connection;
        this.temporaryDirectory = temporaryDirectory;
    }

    void check(boolean mayChangeTheDatabase) throws SQLException {
        H2Place place = H2Place.of(text("select database_path()"));
        if (place.isInMemory()) {
            LOG.log(
                    Level.WARNING,
                    "The store is an H2 database in memory: every record is gone when the server stops. Let "
                            + Setting.DATASOURCE.key() + " name a data source of PostgreSQL, or of H2 with a file");
            return;
        }
        Optional<Path> temporary = place.holding(temporaryDirectory);
        temporary.ifPresent(directory -> LOG.log(
                Level.WARNING,
                "The store is an H2 database in the temporary directory: every record is gone as soon as that directory is"
                        + " cleared, and with Payara Micro's own database at each restart. Start Payara Micro with --rootdir"
                        + " DIR, or let " + Setting.DATASOURCE.key()
                        + " name a data source of PostgreSQL, or of H2 with a"
                        + " file elsewhere. The file is " + place.file() + "; the temporary directory ("
                        + TemporaryDirectory.PROPERTY + ") is " + directory));
        if (!losesCommits()) {
            return;
        }
        if (mayChangeTheDatabase && writeAtOnce()) {
            LOG.log(
                    Level.INFO,
                    "H2 was set to write each commit at once (write_delay 0)"
                            + (temporary.isPresent() ? "" : ", so that a kill loses none"));
            return;
        }
        LOG.log(
                Level.WARNING,
                "The store is an H2 file that writes commits late: a kill of the server may lose records that were"
                        + " acknowledged. Add ;WRITE_DELAY=0 to its URL");
    }

    private boolean losesCommits() throws SQLException {
        return !"0"
                .equals(text(
                        "select setting_value from information_schema.settings where setting_name = 'WRITE_DELAY'"));
    }

    /** Not every database user may do this. If it is not allowed, there is a warning instead. */
    private boolean writeAtOnce() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set write_delay 0");
        } catch (SQLException notAllowed) {
            if (ConnectionFailures.isOne(notAllowed)) {
                throw notAllowed;
            }
            return false;
        }
        return !losesCommits();
    }

    private String text(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }
}
