package dev.tokentally.persistence;

import java.sql.Connection;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import javax.sql.DataSource;

/** Remembers the statements that its connections prepare. */
final class Watching extends DataSourceWrapper {

    final Set<String> statements = new ConcurrentSkipListSet<>();

    Watching(DataSource wrapped) {
        super(wrapped);
    }

    @Override
    Connection prepared(Connection connection) {
        return Intercepted.of(Connection.class, connection, call -> {
            call.text().ifPresent(statements::add);
            return call.proceed();
        });
    }
}
