package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A pool like WildFly's. Its connections break at the first statement, and after that they only say that they are gone. */
final class Breaking extends DataSourceWrapper {

    boolean breaks;

    Breaking(DataSource wrapped) {
        super(wrapped);
    }

    @Override
    Connection prepared(Connection connection) {
        if (!breaks) {
            return connection;
        }
        boolean[] broken = {false};
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    if (method.getName().equals("prepareStatement")) {
                        broken[0] = true;
                        throw new SQLException("An I/O error occurred while sending to the backend.", "08006");
                    }
                    if (broken[0] && !method.getName().equals("close")) {
                        throw new SQLException("IJ031040: Connection is not associated with a managed connection");
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
