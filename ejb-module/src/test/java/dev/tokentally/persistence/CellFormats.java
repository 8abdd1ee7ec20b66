package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import javax.sql.DataSource;
import org.postgresql.PGResultSetMetaData;
import org.postgresql.core.Field;

/** Remembers how PostgreSQL sent the cells of rollups. */
final class CellFormats extends DataSourceWrapper {

    /** For the last statement that asked for cells: "bytes" or "text"; null if there was none. */
    volatile String ofLast;

    CellFormats(DataSource wrapped) {
        super(wrapped);
    }

    @Override
    Connection prepared(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    Object result = invoke(connection, method, arguments);
                    return result instanceof PreparedStatement statement && ((String) arguments[0]).contains(" cell ")
                            ? watched(statement)
                            : result;
                });
    }

    private PreparedStatement watched(PreparedStatement statement) {
        return (PreparedStatement) Proxy.newProxyInstance(
                PreparedStatement.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (self, method, arguments) -> {
                    Object result = invoke(statement, method, arguments);
                    if (result instanceof ResultSet rows) {
                        int format = ((PGResultSetMetaData) rows.getMetaData()).getFormat(rows.findColumn("cell"));
                        ofLast = format == Field.BINARY_FORMAT ? "bytes" : "text";
                    }
                    return result;
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
