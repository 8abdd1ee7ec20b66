package dev.tokentally.persistence;

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
        return Intercepted.of(Connection.class, connection, call -> {
            Object result = call.proceed();
            return result instanceof PreparedStatement statement ? counted(statement) : result;
        });
    }

    private PreparedStatement counted(PreparedStatement statement) {
        return Intercepted.of(PreparedStatement.class, statement, call -> {
            if (SENDS.contains(call.method())) {
                bound++;
            }
            return call.proceed();
        });
    }
}
