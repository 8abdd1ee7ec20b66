package dev.tokentally.persistence;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Many records at once. PostgreSQL gets one statement with an array for each column: batches of JDBC would be one statement
 * a row there, unless the customer's pool rewrites them. To H2, which is in the same process, they cost nothing.
 */
final class BatchInsert {

    private static final String FROM_ARRAYS = "insert into llm_calls (" + CallRow.COLUMNS + ") select * from unnest("
            + CallColumn.ALL.stream()
                    .map(column -> "cast(? as " + arrayOf(column) + ")")
                    .collect(Collectors.joining(", "))
            + ")";

    private final Database database;
    private final Connection connection;

    BatchInsert(Database database, Connection connection) {
        this.database = database;
        this.connection = connection;
    }

    void insert(List<CallRecord> calls) throws SQLException {
        if (calls.isEmpty()) {
            return;
        }
        if (database == Database.POSTGRESQL) {
            insertArrays(calls);
        } else {
            insertBatch(calls);
        }
    }

    private void insertBatch(List<CallRecord> calls) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(CallRow.INSERT)) {
            for (CallRecord call : calls) {
                CallRow.bind(call, insert);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void insertArrays(List<CallRecord> calls) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(FROM_ARRAYS)) {
            int index = 0;
            for (CallColumn<?> column : CallColumn.ALL) {
                Object[] texts = calls.stream().map(call -> text(column, call)).toArray(String[]::new);
                insert.setArray(++index, connection.createArrayOf("text", texts));
            }
            insert.executeUpdate();
        }
    }

    private static String arrayOf(CallColumn<?> column) {
        return switch (column.type()) {
            case UUID -> "uuid[]";
            case TEXT, LABEL, METERS -> "text[]";
            case INSTANT -> "timestamptz[]";
            case LONG -> "bigint[]";
            case INTEGER -> "integer[]";
            case DECIMAL -> "numeric[]";
        };
    }

    private static String text(CallColumn<?> column, CallRecord call) {
        return column.type() == CallColumn.Type.INSTANT
                ? PostgresInstant.text((Instant) column.of(call))
                : column.textOf(call);
    }
}
