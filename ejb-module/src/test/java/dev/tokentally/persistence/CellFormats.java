package dev.tokentally.persistence;

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
        return Intercepted.of(Connection.class, connection, call -> {
            Object result = call.proceed();
            return result instanceof PreparedStatement statement
                            && call.text().orElseThrow().contains(" cell ")
                    ? watched(statement)
                    : result;
        });
    }

    private PreparedStatement watched(PreparedStatement statement) {
        return Intercepted.of(PreparedStatement.class, statement, call -> {
            Object result = call.proceed();
            if (result instanceof ResultSet rows) {
                int format = ((PGResultSetMetaData) rows.getMetaData()).getFormat(rows.findColumn("cell"));
                ofLast = format == Field.BINARY_FORMAT ? "bytes" : "text";
            }
            return result;
        });
    }
}
