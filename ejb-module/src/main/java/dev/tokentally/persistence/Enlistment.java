package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Finds out whether a pool's connections take part in the transaction of the calling thread. */
final class Enlistment {

    private Enlistment() {}

    /** Long enough for the clock of any database to go on. */
    private static final int TICK_MILLIS = 20;

    /**
     * Whether a connection is on auto-commit, and not only said to be: WildFly's pools do not notice where a new connection
     * comes without. In a transaction the time stands still, on both databases.
     */
    static boolean isOnAutoCommit(Connection connection) throws SQLException {
        return connection.getAutoCommit() && !timeStandsStill(connection);
    }

    /**
     * Looks whether a connection is on auto-commit, off which a transaction takes it. Where connections come without, asks two
     * of them for the database session behind them: those of one transaction have the same, and Payara gives no second one.
     * Nothing is written. To be called in a transaction.
     *
     * @param autoCommit whether connections have it outside of transactions
     */
    static boolean isOf(DataSource dataSource, boolean autoCommit, Dialect dialect) throws UsageStoreException {
        try (Connection first = dataSource.getConnection()) {
            return autoCommit
                    ? !isOnAutoCommit(first)
                    : isShared(answer(dialect.session(), first), dataSource, dialect);
        } catch (SQLException e) {
            throw StoreFailures.of("no connection to the store", e);
        }
    }

    private static boolean timeStandsStill(Connection connection) throws SQLException {
        String before = answer("select current_timestamp", connection);
        Pause.of(TICK_MILLIS);
        return before.equals(answer("select current_timestamp", connection));
    }

    private static boolean isShared(String session, DataSource dataSource, Dialect dialect) {
        try (Connection second = dataSource.getConnection()) {
            return session.equals(answer(dialect.session(), second));
        } catch (SQLException noOther) {
            return true;
        }
    }

    private static String answer(String query, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
