package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;

/** A connection that gives another name for the database's product. */
final class Renamed {

    private Renamed() {}

    static Connection as(String product, String version, Connection connection) {
        DatabaseMetaData metaData = proxy(DatabaseMetaData.class, (method, call) -> switch (method) {
            case "getDatabaseProductName" -> product;
            case "getDatabaseProductVersion" -> version;
            default -> call.on(connection.getMetaData());
        });
        return proxy(Connection.class, (method, call) -> method.equals("getMetaData") ? metaData : call.on(connection));
    }

    private static <T> T proxy(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answers.answer(method.getName(), target -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }

    private interface Answers {
        Object answer(String method, Call call) throws Throwable;
    }

    private interface Call {
        Object on(Object target) throws Throwable;
    }
}
