package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;

/** A connection of a pool that gives each statement one second, as Payara's pool can be configured to do. */
final class Impatient {

    private Impatient() {}

    static Connection of(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    try {
                        Object answer = method.invoke(connection, arguments);
                        if (answer instanceof Statement statement) {
                            statement.setQueryTimeout(1);
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
