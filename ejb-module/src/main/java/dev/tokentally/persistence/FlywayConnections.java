package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * The pool's connections as Flyway gets them.
 *
 * <ul>
 *   <li>They wait longer for an answer than the pool allows, since scripts wait for locks. But they do not wait for ever, since a
 *       database that hangs must not hold the start of an application for good. The pool gets them back as they were.
 *   <li>They do not let Flyway set a search path and a role for the session. It would set the first schema of the path and the role
 *       that the session has already. A pooler may give the session to somebody else before Flyway resets them.
 * </ul>
 */
final class FlywayConnections {

    private static final int MILLIS = Math.toIntExact(TimeUnit.SECONDS.toMillis(30));

    /** Flyway's statement. Its last argument says whether the path is set only for the transaction. */
    private static final String SEARCH_PATH = "SELECT set_config('search_path', ?, ";

    private static final String SET_ROLE = "SET ROLE ";

    private FlywayConnections() {}

    /** The same data source, with connections for Flyway. */
    static DataSource of(DataSource pool) {
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            Object answer = call(pool, method, arguments);
            return answer instanceof Connection connection ? forFlyway(connection) : answer;
        });
    }

    private static Connection forFlyway(Connection connection) throws SQLException {
        int before = networkTimeout(connection);
        boolean isImpatient = before > 0 && before < MILLIS;
        if (isImpatient) {
            connection.setNetworkTimeout(Runnable::run, MILLIS);
        }
        return proxy(Connection.class, (proxy, method, arguments) -> {
            if (isImpatient && method.getName().equals("close")) {
                putBack(connection, before);
            }
            if (method.getName().equals("prepareStatement")) {
                arguments[0] = ofTheTransaction((String) arguments[0]);
            }
            return call(connection, method, arguments);
        });
    }

    private static String ofTheTransaction(String sql) {
        return sql.startsWith(SET_ROLE)
                ? "SET LOCAL ROLE " + sql.substring(SET_ROLE.length())
                : sql.equals(SEARCH_PATH + "false)") ? SEARCH_PATH + "true)" : sql;
    }

    /** A connection that is broken or closed accepts no setting. The pool closes it. */
    private static void putBack(Connection connection, int millis) {
        try {
            connection.setNetworkTimeout(Runnable::run, millis);
        } catch (SQLException broken) {
            QuietLog.of(FlywayConnections.class)
                    .log(System.Logger.Level.DEBUG, "A connection could not be put back", broken);
        }
    }

    /** How long the connection waits for an answer; 0 if the driver does not support such a limit. */
    private static int networkTimeout(Connection connection) {
        try {
            return connection.getNetworkTimeout();
        } catch (SQLException none) {
            return 0;
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(FlywayConnections.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
