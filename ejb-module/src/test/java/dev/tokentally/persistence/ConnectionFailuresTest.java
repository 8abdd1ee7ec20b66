package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.PersistenceException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ResourceAllocationException;
import jakarta.transaction.HeuristicMixedException;
import jakarta.transaction.RollbackException;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionalException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import org.eclipse.persistence.exceptions.DatabaseException;
import org.hibernate.exception.GenericJDBCException;
import org.hibernate.exception.JDBCConnectionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Chains of exceptions that Payara and WildFly threw. */
class ConnectionFailuresTest {

    static Stream<Arguments> outages() {
        return Stream.of(
                Arguments.of(
                        "WildFly, PostgreSQL refused",
                        new GenericJDBCException(
                                "Unable to acquire JDBC Connection",
                                chain(
                                        new SQLException("pool", (String) null),
                                        new ResourceException("IJ000453"),
                                        new ConnectException("Connection refused")))),
                Arguments.of(
                        "WildFly, PostgreSQL refuses the login",
                        new GenericJDBCException(
                                "Unable to acquire JDBC Connection",
                                chain(
                                        new SQLException("pool", (String) null),
                                        new ResourceException("IJ000453"),
                                        new ResourceException("IJ031084"),
                                        new SQLException("too many clients already", "53300")))),
                Arguments.of(
                        "WildFly's pool has no connection left",
                        chain(new SQLException("pool", (String) null), new ResourceException("IJ000655"))),
                Arguments.of(
                        "Payara, PostgreSQL refused",
                        chain(
                                new PersistenceException(),
                                DatabaseException.sqlException(chain(
                                        new SQLException("pool", (String) null),
                                        new ResourceAllocationException("pool"),
                                        new PoolingException(),
                                        new SQLException("refused", "08001"),
                                        new ConnectException("Connection refused"))))),
                Arguments.of(
                        "Payara, PostgreSQL refuses the login",
                        chain(
                                new PersistenceException(),
                                DatabaseException.sqlException(chain(
                                        new SQLException("pool", (String) null),
                                        new ResourceAllocationException("pool"),
                                        new PoolingException(),
                                        new SQLException("password authentication failed", "28P01"))))),
                Arguments.of(
                        "Payara's pool alone", chain(new SQLException("pool", (String) null), new PoolingException())),
                Arguments.of(
                        "stale pooled connection at flush, Payara",
                        chain(
                                new PersistenceException(),
                                DatabaseException.sqlException(new SQLException("broken", "08006")))),
                Arguments.of(
                        "stale pooled connection at flush, WildFly",
                        new JDBCConnectionException("could not execute", new SQLException("broken", "08006"))),
                Arguments.of(
                        "closed pooled connection",
                        new GenericJDBCException("could not execute", new SQLException("closed", "08003"))),
                Arguments.of("PostgreSQL shuts down", chain(new SQLException("terminating connection", "57P01"))),
                Arguments.of("PostgreSQL starts", chain(new SQLException("starting up", "57P03"))),
                Arguments.of(
                        "frozen server",
                        chain(
                                new PersistenceException(),
                                new SQLException("timeout", "08001"),
                                new SocketTimeoutException("Read timed out"))),
                Arguments.of(
                        "frozen server, whatever the driver says of it",
                        chain(new SQLException("timeout", "XX000"), new SocketTimeoutException("Read timed out"))),
                Arguments.of(
                        "H2 server gone",
                        chain(new SQLNonTransientConnectionException("Connection is broken", "90067"))),
                Arguments.of(
                        "H2 server gone, WildFly's pool",
                        chain(new SQLException(), new ResourceException("IJ000457"), new IllegalStateException())),
                Arguments.of(
                        "H2 server gone, WildFly's transaction",
                        chain(
                                new RuntimeException(),
                                new SQLException(),
                                new ResourceException("IJ000461"),
                                new IllegalStateException())),
                Arguments.of(
                        "stale connection at commit, Payara",
                        new TransactionalException("commit", chain(new SystemException(), new XAException()))),
                Arguments.of(
                        "connection cut at commit, before it is passed on or in place of its answer, Payara",
                        new TransactionalException(
                                "the transaction could not be committed",
                                chain(
                                        new SystemException(),
                                        new XAException("jakarta.resource.spi.LocalTransactionException: An I/O error"
                                                + " occurred while sending to the backend.")))),
                Arguments.of(
                        "PostgreSQL shuts down at commit, WildFly",
                        suppressing(
                                new RollbackException("ARJUNA016053"),
                                chain(
                                        new XAException("LocalXAException"),
                                        new ResourceException("IJ"),
                                        new SQLException("terminating connection", "57P01")))),
                Arguments.of(
                        "connection lost at commit, WildFly",
                        suppressing(
                                new HeuristicMixedException(),
                                chain(
                                        new XAException("LocalXAException"),
                                        new LocalResourceException(),
                                        new SQLException("I/O error", "08006")))),
                Arguments.of(
                        "connection lost at commit, WildFly, wrapped by whoever called",
                        new IllegalStateException(suppressing(
                                new RollbackException(),
                                new XAException("another resource"),
                                chain(new XAException("LocalXAException"), new SQLException("I/O error", "08006"))))));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("an outage is recognised")
    @MethodSource("outages")
    void outage(String name, Throwable failure) {
        assertThat(ConnectionFailures.isOne(failure)).isTrue();
    }

    static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of(
                        "duplicate key",
                        chain(new RuntimeException(), new RollbackException(), new SQLException("duplicate", "23505"))),
                Arguments.of("duplicate key at commit, WildFly", wildFlyCommit(new SQLException("duplicate", "23505"))),
                Arguments.of(
                        "value that does not fit, at commit, WildFly",
                        wildFlyCommit(new SQLException("out of range", "22003"))),
                Arguments.of(
                        "serialization failure at commit, WildFly",
                        wildFlyCommit(new SQLException("could not serialize access", "40001"))),
                Arguments.of("disk full at commit, WildFly", wildFlyCommit(new SQLException("disk full", "53100"))),
                Arguments.of(
                        "duplicate key at commit, wrapped by whoever called",
                        new IllegalStateException(wildFlyCommit(new SQLException("duplicate", "23505")))),
                Arguments.of(
                        "duplicate key at commit, told by the transaction manager",
                        new TransactionalException(
                                "commit",
                                chain(new SystemException(), new XAException(), new SQLException("dup", "23505")))),
                Arguments.of("rolled back, and nobody says why", new RollbackException()),
                Arguments.of("check violation", chain(new SQLException("check", "23514"))),
                Arguments.of("no such table", chain(new SQLException("missing", "42P01"))),
                Arguments.of("statement cancelled", chain(new SQLException("cancelled", "57014"))),
                Arguments.of("no state", chain(new SQLException())),
                Arguments.of("a fault of ours", chain(new NullPointerException())));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("another failure is not taken for an outage")
    @MethodSource("others")
    void other(String name, Throwable failure) {
        assertThat(ConnectionFailures.isOne(failure)).isFalse();
    }

    @Test
    @DisplayName("a circle of causes ends the search")
    void circle() {
        RuntimeException first = new RuntimeException();
        RuntimeException second = new RuntimeException(first);
        first.initCause(second);

        assertThat(ConnectionFailures.isOne(first)).isFalse();
    }

    @Test
    @DisplayName("a circle of suppressed exceptions ends the search too")
    void suppressedCircle() {
        RuntimeException first = new RuntimeException();
        RuntimeException second = new RuntimeException(first);
        first.addSuppressed(second);

        assertThat(ConnectionFailures.isOne(first)).isFalse();
        second.addSuppressed(new SQLException("broken", "08006"));
        assertThat(ConnectionFailures.isOne(first)).isTrue();
    }

    private static Throwable wildFlyCommit(SQLException said) {
        return suppressing(
                new RollbackException("ARJUNA016053"),
                chain(new XAException("LocalXAException"), new ResourceException("IJ001160"), said));
    }

    /** The exception of WildFly's transaction manager has no cause. */
    private static Throwable suppressing(Throwable failure, Throwable... suppressed) {
        for (Throwable one : suppressed) {
            failure.addSuppressed(one);
        }
        return failure;
    }

    private static <T extends Throwable> T chain(T first, Throwable... links) {
        Throwable last = first;
        for (Throwable link : links) {
            last.initCause(link);
            last = link;
        }
        return first;
    }

    /** WildFly's ResourceException is in another package. */
    private static final class LocalResourceException extends ResourceException {
        private static final long serialVersionUID = 1L;
    }

    /** It has the same simple name as Payara's own. */
    private static final class PoolingException extends Exception {
        private static final long serialVersionUID = 1L;
    }
}
