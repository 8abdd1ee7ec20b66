package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import javax.sql.DataSource;

/** PostgreSQL's advisory lock, which lets starting nodes migrate one after the other. */
final class MigrationLock {

    private static final int TRIES = 300;
    private static final int PAUSE_MILLIS = 200;

    private MigrationLock() {}

    /** Asks again and again instead of waiting in the database, since a pool's socket timeout would cut a wait short. */
    static void around(DataSource dataSource, Runnable migration) throws SQLException {
        // The lock belongs to the transaction, so that it ends with the connection too.
        try (Connection connection = dataSource.getConnection();
                HeldTransaction transaction = HeldTransaction.on(connection)) {
            withoutTimeouts(connection);
            await(connection);
            migration.run();
        }
    }

    /** The connection only holds the lock, in a transaction. A timeout of the role would end both in the middle of a script. */
    private static void withoutTimeouts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // The second setting exists from PostgreSQL 17 on.
            statement.executeQuery("""
                    select set_config(name, '0', true) from pg_settings
                     where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')""").close();
        }
    }

    private static void await(Connection connection) throws SQLException {
        for (int tries = 0; tries < TRIES; tries++) {
            if (take(connection)) {
                return;
            }
            if (!Pause.sleep(PAUSE_MILLIS)) {
                break;
            }
        }
        throw new SQLTransientConnectionException("another node has held the lock of the migration for a minute");
    }

    private static boolean take(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select pg_try_advisory_xact_lock(" + AdvisoryLocks.MIGRATION + ")")) {
            return row.next() && row.getBoolean(1);
        }
    }
}
