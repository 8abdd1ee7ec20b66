package dev.tokentally.persistence;

import dev.tokentally.text.ColumnText;
import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Reads records from rows of {@code llm_calls}. */
final class CallRow {

    static final String COLUMNS =
            CallColumn.ALL.stream().map(CallColumn::columnName).collect(Collectors.joining(", "));

    /** The same columns for a statement that reads. */
    static final String SELECTED =
            CallColumn.ALL.stream().map(CallRow::selected).collect(Collectors.joining(", "));

    private CallRow() {}

    /** A cost that is not an amount of dollars, such as NaN, is read as unknown. */
    private static String selected(CallColumn<?> column) {
        String name = column.columnName();
        if (column.type() == CallColumn.Type.DECIMAL) {
            return Doubt.COST + " as " + name;
        }
        return column.equals(CallColumn.COST_SOURCE)
                ? "case when " + Doubt.IS_AMOUNT + " then " + name + " else 'none' end as " + name
                : name;
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
            case TEXT, LABEL, METERS, TAGS -> text(column, row.getString(name));
            case INSTANT -> row.getObject(name, OffsetDateTime.class).toInstant();
            case LONG -> row.getObject(name) == null ? null : (Long) row.getLong(name);
            case INTEGER -> row.getInt(name);
            case DECIMAL -> row.getBigDecimal(name);
        };
    }

    /**
     * PostgreSQL counts a character beyond the basic ones as one, and Java counts it as two. So somebody may have written a text
     * that is too long for a record.
     */
    private static String text(CallColumn<?> column, String text) {
        return text == null || text.length() <= column.maxLength() ? text : ColumnText.fit(text, column.maxLength());
    }
}
