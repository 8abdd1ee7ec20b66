package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;

/**
 * Runs the statements of the maker of rollups. None begins once the application stops. Used by one thread; {@link #cancel} may be
 * called by any.
 */
final class RollupStatements {

    private final BooleanSupplier stopping;

    private final RunningStatement running = new RunningStatement();

    RollupStatements(BooleanSupplier stopping) {
        this.stopping = stopping;
    }

    PreparedStatement prepare(Sql sql, Connection connection) throws SQLException {
        goOn();
        PreparedStatement statement = sql.prepare(connection);
        running.begins(statement);
        return statement;
    }

    void change(Connection connection, String sql, Object... arguments) throws SQLException {
        change(connection, Sql.of(sql, arguments));
    }

    void change(Connection connection, Sql sql) throws SQLException {
        try (PreparedStatement statement = prepare(sql, connection)) {
            statement.executeUpdate();
        }
    }

    /** Throws when the application stops. */
    void goOn() throws SQLException {
        if (stopping.getAsBoolean()) {
            throw new SQLException("the application stops", "57014");
        }
    }

    /** Ends a statement that has run for a moment. It may be called again and again. */
    void cancel() {
        running.cancel();
    }
}
