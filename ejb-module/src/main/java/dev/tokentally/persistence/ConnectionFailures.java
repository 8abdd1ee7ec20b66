package dev.tokentally.persistence;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;

/**
 * Tells a lost or refused connection from all other failures of a store. It knows the exceptions that Payara and WildFly, their
 * pools and the drivers of H2 and PostgreSQL were seen to throw.
 *
 * <p>A server's own exceptions say little: WildFly wraps whatever goes wrong at commit in a ResourceException, both for a lost
 * connection and for a deferred constraint. If the chain of causes has the database's own message, that message decides.
 */
final class ConnectionFailures {

    private ConnectionFailures() {}

    static boolean isOne(Throwable failure) {
        Set<Throwable> causes = Causes.of(failure);
        if (causes.stream().anyMatch(ConnectionFailures::isOfTheConnection)) {
            return true;
        }
        return causes.stream().noneMatch(ConnectionFailures::hasState)
                && causes.stream().anyMatch(ConnectionFailures::isOfTheServer);
    }

    private static boolean isOfTheConnection(Throwable cause) {
        return cause instanceof SQLException sql && (hasConnectionState(sql) || isOfAPool(sql))
                || cause instanceof SQLTransientConnectionException
                || cause instanceof SQLNonTransientConnectionException
                || cause instanceof SQLRecoverableException
                || cause instanceof ConnectException
                || cause instanceof SocketTimeoutException;
    }

    /**
     * The database's message does not matter here: if a pool could not open a connection, it wraps the failure in its own
     * SQLException.
     */
    private static boolean isOfAPool(SQLException sql) {
        return !hasState(sql) && isThePools(sql.getCause());
    }

    private static boolean isOfTheServer(Throwable cause) {
        return isThePools(cause)
                // Payara throws this when only the commit finds a stale connection. It has an XAException inside, and
                // no SQLException.
                || cause instanceof jakarta.transaction.SystemException;
    }

    private static boolean isThePools(Throwable cause) {
        // WildFly's pool; also a pool that has no connection left.
        return cause instanceof jakarta.resource.ResourceException
                // Payara's pool, whose classes an application cannot name.
                || cause != null && cause.getClass().getSimpleName().equals("PoolingException");
    }

    private static boolean hasState(Throwable cause) {
        return cause instanceof SQLException sql
                && sql.getSQLState() != null
                && !sql.getSQLState().isBlank();
    }

    /** Class 08 is the connection; 57P is PostgreSQL that shuts down, crashed or starts. */
    private static boolean hasConnectionState(SQLException sql) {
        return hasState(sql)
                && (sql.getSQLState().startsWith("08") || sql.getSQLState().startsWith("57P"));
    }
}
