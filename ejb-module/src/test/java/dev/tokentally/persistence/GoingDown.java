package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A pool like WildFly's before a database that goes down at one of the statements. Each connection then says once that it broke, and
 * after that only that it is gone.
 */
final class GoingDown extends DataSourceWrapper {

    private static final int NEVER = Integer.MAX_VALUE;

    private final AtomicInteger statementsLeft = new AtomicInteger(NEVER);

    GoingDown(DataSource wrapped) {
        super(wrapped);
    }

    /** @param statement which of the next statements is the first one that fails; 1 is the next one */
    void goDownAt(int statement) {
        statementsLeft.set(statement);
    }

    boolean isDown() {
        return statementsLeft.get() <= 0;
    }

    void comeBack() {
        statementsLeft.set(NEVER);
    }

    @Override
    Connection prepared(Connection connection) throws SQLException {
        if (isDown()) {
            connection.close();
            throw new SQLException("Connection refused", "08001");
        }
        AtomicBoolean isGone = new AtomicBoolean();
        return Intercepted.of(Connection.class, connection, call -> {
            Object answer = answer(call, isGone);
            return answer instanceof PreparedStatement prepared
                    ? Intercepted.of(PreparedStatement.class, prepared, sent -> answer(sent, isGone))
                    : answer instanceof Statement statement
                            ? Intercepted.of(Statement.class, statement, sent -> answer(sent, isGone))
                            : answer;
        });
    }

    private Object answer(Intercepted.Call call, AtomicBoolean isGone) throws Throwable {
        String method = call.method();
        if (method.equals("close") || method.equals("abort") || method.equals("isClosed")) {
            return call.proceed();
        }
        if (isGone.get()) {
            throw new SQLException("IJ031040: Connection is not associated with a managed connection");
        }
        if (method.startsWith("execute")) {
            statementsLeft.decrementAndGet();
        }
        if (isDown() && (method.startsWith("execute") || method.equals("commit") || method.equals("rollback"))) {
            isGone.set(true);
            throw new SQLException("An I/O error occurred while sending to the backend.", "08006");
        }
        return call.proceed();
    }
}
