package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalInt;
import javax.sql.DataSource;

/** Finds out what is between a connection and PostgreSQL, such as PgBouncer. */
final class Pooler {

    private final Connection connection;
    private final DataSource others;

    Pooler(Connection connection, DataSource others) {
        this.connection = connection;
        this.others = others;
    }

    /**
     * Whether the transactions of a connection go to several sessions. Mostly the driver can tell that there is no pooler: it got
     * the process number of the session when it connected, and a pooler gives an invented number.
     */
    boolean sharesSessions() throws SQLException {
        int session = session(connection);
        OptionalInt told = toldByTheDriver();
        if (told.isPresent() && told.getAsInt() == session) {
            return false;
        }
        try (Connection second = others.getConnection();
                Connection third = others.getConnection();
                Transaction ofSecond = Transaction.on(second);
                Transaction ofThird = Transaction.on(third)) {
            // A pooler gives a free session to the next transaction: the session that was used last, or the one that
            // was used first.
            return ofSecond.isOf(session) || session(connection) != session || ofThird.isOf(session);
        } catch (SQLException tooFew) {
            return false;
        }
    }

    private static int session(Connection connection) throws SQLException {
        int pid = pid(connection);
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
        return pid;
    }

    private static int pid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /**
     * The driver belongs to the server, and the server wraps its connections. The metadata leads to the driver's own connection.
     */
    private OptionalInt toldByTheDriver() {
        try {
            Connection drivers = connection.getMetaData().getConnection();
            return OptionalInt.of(
                    (Integer) drivers.getClass().getMethod("getBackendPID").invoke(drivers));
        } catch (SQLException
                | NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException
                | RuntimeException
                | LinkageError e) {
            return OptionalInt.empty();
        }
    }

    /** A transaction, which holds its session from its first statement on. Afterwards the connection is as the pool gave it. */
    private record Transaction(Connection connection, boolean autoCommit) implements AutoCloseable {

        static Transaction on(Connection connection) throws SQLException {
            Transaction transaction = new Transaction(connection, connection.getAutoCommit());
            connection.setAutoCommit(false);
            return transaction;
        }

        boolean isOf(int session) throws SQLException {
            return pid(connection) == session;
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }
}
