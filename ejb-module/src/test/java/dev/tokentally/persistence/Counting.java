package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Set;
import javax.sql.DataSource;

/** Counts how often its prepared statements get values and are sent, alone or in a batch. */
final class Counting extends DataSourceWrapper {

    private static final Set<String> SENDS = Set.of("addBatch", "execute", "executeUpdate", "executeQuery");

    int bound;

    Counting(DataSource wrapped) {
        super(wrapped);
    }

    @Override
    Connection prepared(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    Object result = invoke(connection, method, arguments);
                    return result instanceof PreparedStatement statement ? counted(statement) : result;
                });
    }

    private PreparedStatement counted(PreparedStatement statement) {
        return (PreparedStatement) Proxy.newProxyInstance(
                PreparedStatement.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (self, method, arguments) -> {
                    if (SENDS.contains(method.getName())) {
                        bound++;
                    }
                    return invoke(statement, method, arguments);
                });
    }

    private static Object invoke(Object target, Method method, Object... arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
