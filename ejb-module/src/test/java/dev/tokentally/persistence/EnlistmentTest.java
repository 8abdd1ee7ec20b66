package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.StoreUnavailableException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tests on the servers show how the servers' own pools behave. */
@DisplayName("A pool takes part in transactions")
class EnlistmentTest {

    @ParameterizedTest
    @DisplayName("if its connections have auto-commit off inside a transaction and on outside")
    @EnumSource(Database.class)
    void offAutoCommit(Database kind) throws Exception {
        DataSource database = TestDatabases.empty(kind);

        assertThat(Enlistment.isOf(new WithoutAutoCommit(database), true, kind.dialect()))
                .isTrue();
        assertThat(Enlistment.isOf(database, true, kind.dialect())).isFalse();
    }

    @ParameterizedTest
    @DisplayName("if its connections claim to have auto-commit on, but the database's time does not advance")
    @EnumSource(Database.class)
    void timeStandsStill(Database kind) throws Exception {
        DataSource database = new DataSourceWrapper(new WithoutAutoCommit(TestDatabases.empty(kind))) {

            @Override
            Connection prepared(Connection connection) {
                return (Connection) Proxy.newProxyInstance(
                        Connection.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (self, method, arguments) -> method.getName().equals("getAutoCommit")
                                ? Boolean.TRUE
                                : method.invoke(connection, arguments));
            }
        };

        assertThat(Enlistment.isOf(database, true, kind.dialect())).isTrue();
    }

    @ParameterizedTest
    @DisplayName("if two of its connections, which always have auto-commit off, are the same session of the database")
    @EnumSource(Database.class)
    void oneSession(Database kind) throws Exception {
        DataSource database = new WithoutAutoCommit(TestDatabases.empty(kind));
        try (Connection one = database.getConnection()) {
            assertThat(Enlistment.isOf(giving(one), false, kind.dialect())).isTrue();
        }
        assertThat(Enlistment.isOf(database, false, kind.dialect())).isFalse();
    }

    @Test
    @DisplayName("if it gives no second connection; if it gives none at all, that is an outage")
    void noSecondConnection() throws Exception {
        assertThat(Enlistment.isOf(withRoomFor(1), false, Database.H2.dialect()))
                .isTrue();
        assertThatThrownBy(() -> Enlistment.isOf(withRoomFor(0), false, Database.H2.dialect()))
                .isInstanceOf(StoreUnavailableException.class);
    }

    private static DataSource withRoomFor(int connections) {
        return new DataSourceWrapper(TestDatabases.empty(Database.H2)) {

            private int given;

            @Override
            Connection prepared(Connection connection) throws SQLException {
                if (given++ == connections) {
                    connection.close();
                    throw new SQLTransientConnectionException("no connection left");
                }
                return connection;
            }
        };
    }

    /** Within a transaction, a pool gives handles to one connection; closing a handle leaves the connection open. */
    private static DataSource giving(Connection one) {
        Connection handle = (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (self, method, arguments) -> method.getName().equals("close") ? null : method.invoke(one, arguments));
        return new DataSourceWrapper(TestDatabases.empty(Database.H2)) {

            @Override
            Connection prepared(Connection connection) throws SQLException {
                connection.close();
                return handle;
            }
        };
    }
}
