package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.TooManyBucketsException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

@DisplayName("A connection that a report has used")
class UsedConnectionTest {

    /** How long the pool lets a connection wait for an answer. */
    private static final int POOL_MILLIS = 1234;

    @ParameterizedTest(name = "auto-commit {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("goes back to the pool as it was, also if the report failed for a reason that the pool does not see")
    void asItWas(boolean autoCommit) throws Exception {
        List<Store.Work<Integer>> reports = List.of(
                connection -> connection.getNetworkTimeout(),
                connection -> {
                    throw new ReportTooLargeException("too large");
                },
                connection -> {
                    throw new TooManyBucketsException(1);
                },
                connection -> {
                    throw new StackOverflowError("deep");
                });
        try (Connection connection =
                TestDatabases.withTables(Database.POSTGRESQL).getConnection()) {
            Store store = storeOn(connection);
            connection.setNetworkTimeout(Runnable::run, POOL_MILLIS);
            connection.setAutoCommit(autoCommit);
            for (Store.Work<Integer> report : reports) {
                Throwable failure = catchThrowable(() -> reader(store).read(null, any -> {
                    any.createStatement().execute("select 1");
                    assertThat(any.getNetworkTimeout()).isGreaterThan(POOL_MILLIS);
                    return report.on(any);
                }));

                String what = String.valueOf(failure);
                assertThat(connection.getNetworkTimeout()).as(what).isEqualTo(POOL_MILLIS);
                assertThat(connection.getAutoCommit()).as(what).isEqualTo(autoCommit);
                assertThat(isInTransaction(connection)).as(what).isFalse();
            }
        }
    }

    @Test
    @DisplayName("has its auto-commit again after an Error in a transaction")
    void error() throws Exception {
        try (Connection connection =
                TestDatabases.withTables(Database.POSTGRESQL).getConnection()) {
            Throwable failure = catchThrowable(() -> OneTransaction.run(connection, () -> {
                connection.createStatement().execute("select 1");
                throw new StackOverflowError("deep");
            }));

            assertThat(failure).isInstanceOf(StackOverflowError.class);
            assertThat(connection.getAutoCommit()).isTrue();
            assertThat(isInTransaction(connection)).isFalse();
        }
    }

    @Test
    @DisplayName("goes back as it was after the search for a pooler")
    void pooler() throws Exception {
        DataSource database = TestDatabases.withTables(Database.POSTGRESQL);
        List<Boolean> states = new ArrayList<>();
        DataSource pool = new DataSourceWrapper(database) {
            @Override
            Connection prepared(Connection connection) {
                return Intercepted.of(Connection.class, connection, call -> {
                    if (call.method().equals("close")) {
                        states.add(connection.getAutoCommit() && !isInTransaction(connection));
                    }
                    return call.proceed();
                });
            }
        };
        try (Connection connection = database.getConnection()) {
            Connection ofUnknownDriver = Intercepted.of(Connection.class, connection, call -> {
                if (call.method().equals("getMetaData")) {
                    throw new SQLException("none");
                }
                return call.proceed();
            });

            assertThat(new Pooler(ofUnknownDriver, pool).sharesSessions()).isFalse();
        }
        assertThat(states).containsExactly(true, true);
    }

    /** The driver knows it. To ask the database would begin a transaction. */
    private static boolean isInTransaction(Connection connection) throws SQLException {
        return connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
    }

    /** A pool with one connection, which it gives again and again as it got it back. */
    private static Store storeOn(Connection connection) {
        Store store = TestDatabases.store(Map.of("tokentally.schema.migrate", "false"));
        store.open(new DataSourceWrapper(null) {
            @Override
            public Connection getConnection() {
                return prepared(connection);
            }

            @Override
            Connection prepared(Connection kept) {
                return Intercepted.of(
                        Connection.class, kept, call -> call.method().equals("close") ? null : call.proceed());
            }
        });
        return store;
    }

    private static StoreReader reader(Store store) {
        StoreReader reader = new StoreReader(store, new Settings(new MapConfig(Map.of())));
        reader.start(work -> {
            Thread thread = new Thread(work, "reader");
            thread.setDaemon(true);
            return thread;
        });
        return reader;
    }
}
