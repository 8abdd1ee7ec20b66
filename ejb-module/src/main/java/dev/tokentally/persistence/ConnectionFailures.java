package dev.tokentally.persistence;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;

/**
 * Tells a lost or refused connection from everything else that a store can answer, for the exceptions that Payara and
 * WildFly, their pools and the drivers of H2 and PostgreSQL were seen to throw.
 */
final class ConnectionFailures {

    private ConnectionFailures() {}

    static boolean isOne(Throwable failure) {
        return Causes.of(failure).stream().anyMatch(ConnectionFailures::speaksOfTheConnection);
    }

    private static boolean speaksOfTheConnection(Throwable cause) {
        return cause instanceof SQLException sql && hasConnectionState(sql)
                || cause instanceof SQLTransientConnectionException
                || cause instanceof SQLNonTransientConnectionException
                || cause instanceof SQLRecoverableException
                || cause instanceof ConnectException
                || cause instanceof SocketTimeoutException
                // WildFly's pool; also a pool that has no connection left.
                || cause.getClass().getName().startsWith("jakarta.resource.")
                // Payara's pool, whose classes an application cannot name.
                || cause.getClass().getSimpleName().equals("PoolingException")
                // Payara, when a stale connection shows only at commit: an XAException inside, and no SQLException.
                || cause instanceof jakarta.transaction.SystemException;
    }

    /** Class 08 is the connection; 57P is PostgreSQL that shuts down, crashed or starts. */
    private static boolean hasConnectionState(SQLException sql) {
        String state = sql.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }
}
