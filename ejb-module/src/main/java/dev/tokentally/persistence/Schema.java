package dev.tokentally.persistence;

import dev.tokentally.config.Setting;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Our tables: made and upgraded by Flyway, or by a DBA with the same scripts. */
final class Schema {

    private static final Logger LOG = System.getLogger(Schema.class.getName());

    /** In the jar of this module; what a DBA runs by hand. */
    private static final String SCRIPTS = "dev/tokentally/schema";

    private final DataSource dataSource;

    Schema(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    void migrate() {
        // Of this class and not of the thread: only ours is sure to find the scripts inside the archive.
        Flyway.configure(Schema.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:" + SCRIPTS)
                // A history of our own, in a schema that may hold the application's tables and its own history.
                .table("tokentally_schema_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .cleanDisabled(true)
                .load()
                .migrate();
    }

    void check(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.executeQuery("select id from llm_calls where 1 = 0").close();
        } catch (SQLException missing) {
            LOG.log(
                    Level.ERROR,
                    "The table llm_calls cannot be read, and " + Setting.SCHEMA_MIGRATE.key()
                            + "=false leaves it to a DBA:"
                            + " LLM calls are not recorded until the scripts in " + SCRIPTS
                            + " of the module's jar were run and the table may be read and written");
        }
    }
}
