package dev.tokentally.persistence;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** A record as a row of {@code llm_calls}, both ways. */
final class CallRow {

    static final String COLUMNS =
            CallColumn.ALL.stream().map(CallColumn::columnName).collect(Collectors.joining(", "));

    static final String INSERT = "insert into llm_calls (" + COLUMNS + ") values ("
            + String.join(", ", Collections.nCopies(CallColumn.ALL.size(), "?")) + ")";

    private CallRow() {}

    static void bind(CallRecord call, PreparedStatement insert) throws SQLException {
        int index = 0;
        for (CallColumn<?> column : CallColumn.ALL) {
            Object value = column.of(call);
            index++;
            if (value == null) {
                insert.setNull(index, column.type() == CallColumn.Type.LONG ? Types.BIGINT : Types.VARCHAR);
            } else {
                // Not a Timestamp, which goes through the local time and cannot tell the repeated hour's two halves
                // apart.
                insert.setObject(index, value instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : value);
            }
        }
    }

    static List<CallRecord> readAll(ResultSet rows) throws SQLException {
        List<CallRecord> calls = new ArrayList<>();
        while (rows.next()) {
            calls.add(read(rows));
        }
        return calls;
    }

    static CallRecord read(ResultSet row) throws SQLException {
        Map<CallColumn<?>, Object> values = new HashMap<>();
        for (CallColumn<?> column : CallColumn.ALL) {
            values.put(column, value(column, row));
        }
        return CallColumn.read(values::get);
    }

    private static Object value(CallColumn<?> column, ResultSet row) throws SQLException {
        String name = column.columnName();
        return switch (column.type()) {
            case UUID -> row.getObject(name, UUID.class);
            case TEXT, LABEL, METERS -> row.getString(name);
            case INSTANT -> row.getObject(name, OffsetDateTime.class).toInstant();
            case LONG -> row.getObject(name) == null ? null : (Long) row.getLong(name);
            case INTEGER -> row.getInt(name);
            case DECIMAL -> row.getBigDecimal(name);
        };
    }
}
