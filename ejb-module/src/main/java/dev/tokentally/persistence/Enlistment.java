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

    /** A pause in which the clock of any database moves on. */
    private static final int TICK_MILLIS = 20;

    /**
     * Whether a connection is really on auto-commit. {@code getAutoCommit()} may be wrong: WildFly's pools do not notice if a new
     * connection comes without auto-commit. So this asks the database twice for the time. Within a transaction both databases give
     * the same time.
     */
    static boolean isOnAutoCommit(Connection connection) throws SQLException {
        return connection.getAutoCommit() && !timeStandsStill(connection);
    }

    /**
     * Checks whether a connection takes part in the current transaction. If connections normally have auto-commit, a transaction
     * switches it off, so this looks at auto-commit. If they come without auto-commit, this asks two of them for the database
     * session behind them. Connections of one transaction have the same session, and Payara gives no second one. Nothing is
     * written. Call it in a transaction.
     *
     * @param autoCommit whether connections have auto-commit outside of transactions
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
        Pause.sleep(TICK_MILLIS);
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
