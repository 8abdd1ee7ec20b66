package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;

/** A connection on which one statement fails. It works before and after that statement. */
final class FailingAt {

    private FailingAt() {}

    static Connection statement(int number, Connection connection) {
        int[] made = {0};
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    if (method.getName().equals("createStatement") && ++made[0] == number) {
                        throw new SQLException("the statement failed");
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
