package dev.tokentally.persistence;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A data source that can change a connection before it returns it. */
abstract class DataSourceWrapper implements DataSource {

    private final DataSource wrapped;

    DataSourceWrapper(DataSource wrapped) {
        this.wrapped = wrapped;
    }

    abstract Connection prepared(Connection connection) throws SQLException;

    @Override
    public Connection getConnection() throws SQLException {
        return prepared(wrapped.getConnection());
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return prepared(wrapped.getConnection(user, password));
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        return wrapped.getLogWriter();
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        wrapped.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        wrapped.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return wrapped.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return wrapped.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return wrapped.isWrapperFor(type);
    }
}
