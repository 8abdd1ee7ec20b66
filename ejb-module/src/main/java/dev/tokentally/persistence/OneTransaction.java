package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import java.sql.Connection;
import java.sql.SQLException;

/** Statements that are carried out all or not at all, whatever the pool's auto-commit is. */
final class OneTransaction {

    private OneTransaction() {}

    /**
     * Runs the statements, which must end with a commit. If they throw, this throws the same, whatever happens to the connection
     * afterwards.
     */
    static void run(Connection connection, Statements statements) throws SQLException, UsageStoreException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try {
            statements.execute();
        } catch (SQLException | UsageStoreException | RuntimeException | Error e) {
            // On WildFly both fail on a broken connection, with an exception that does not mention the connection.
            tried(connection::rollback, e);
            tried(() -> connection.setAutoCommit(autoCommit), e);
            throw e;
        }
        connection.setAutoCommit(autoCommit);
    }

    private static void tried(Step step, Throwable failure) {
        try {
            step.take();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    /** The statements of a transaction. */
    interface Statements {
        void execute() throws SQLException, UsageStoreException;
    }

    private interface Step {
        void take() throws SQLException;
    }
}
