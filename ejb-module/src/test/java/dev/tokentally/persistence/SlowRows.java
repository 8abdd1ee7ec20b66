package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A database that may be slow for each row, or fail at a row, and records how its connections were used. */
final class SlowRows extends DataSourceWrapper {

    final AtomicInteger rows = new AtomicInteger();
    final Set<Boolean> readWithAutoCommit = ConcurrentHashMap.newKeySet();
    final Collection<Boolean> closedWithAutoCommit = new ConcurrentLinkedQueue<>();
    volatile int pauseMillis;
    volatile int failsAtRow = Integer.MAX_VALUE;

    SlowRows(DataSource wrapped) {
        super(wrapped);
    }

    @Override
    Connection prepared(Connection connection) {
        return Intercepted.of(Connection.class, connection, call -> {
            if (call.method().equals("close")) {
                closedWithAutoCommit.add(connection.getAutoCommit());
            }
            Object answer = call.proceed();
            return answer instanceof PreparedStatement statement ? statement(statement, connection) : answer;
        });
    }

    private PreparedStatement statement(PreparedStatement statement, Connection connection) {
        return Intercepted.of(PreparedStatement.class, statement, call -> {
            Object answer = call.proceed();
            return answer instanceof ResultSet rows ? rows(rows, connection) : answer;
        });
    }

    private ResultSet rows(ResultSet result, Connection connection) {
        return Intercepted.of(ResultSet.class, result, call -> {
            if (call.method().equals("next")) {
                Thread.sleep(pauseMillis);
                if (rows.incrementAndGet() == failsAtRow) {
                    throw new SQLException("the row cannot be read");
                }
                readWithAutoCommit.add(connection.getAutoCommit());
            }
            return call.proceed();
        });
    }
}
