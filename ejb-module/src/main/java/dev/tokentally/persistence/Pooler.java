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
                HeldTransaction ofSecond = HeldTransaction.on(second);
                HeldTransaction ofThird = HeldTransaction.on(third)) {
            // A pooler gives a free session to the next transaction: the session that was used last, or the one that
            // was used first.
            return pid(ofSecond.connection()) == session
                    || session(connection) != session
                    || pid(ofThird.connection()) == session;
        } catch (SQLException tooFew) {
            return false;
        }
    }

    private static int session(Connection connection) throws SQLException {
        try (ReadTransaction transaction = new ReadTransaction(connection)) {
            return pid(connection);
        }
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
}
