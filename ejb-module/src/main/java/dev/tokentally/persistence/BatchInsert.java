package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Many records at once. PostgreSQL gets one statement with an array for each column: batches of JDBC would be one statement
 * a row there, unless the customer's pool rewrites them. To H2, which is in the same process, they cost nothing.
 */
final class BatchInsert {

    private static final String FROM_ARRAYS = "insert into llm_calls (" + CallRow.COLUMNS + """
            ) select * from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::timestamptz[], ?::bigint[], ?::bigint[], \
            ?::text[], ?::text[], ?::integer[], ?::integer[], ?::integer[], ?::integer[], ?::integer[], ?::numeric[], \
            ?::text[], ?::text[], ?::text[])""";

    /** As PostgreSQL reads it whatever its settings, also in years of five digits and before the first. */
    private static final DateTimeFormatter INSTANT = new DateTimeFormatterBuilder()
            .appendValue(ChronoField.YEAR_OF_ERA, 4, 10, SignStyle.NEVER)
            .appendPattern("-MM-dd HH:mm:ss.SSSSSSX G")
            .toFormatter(Locale.ROOT)
            .withZone(ZoneOffset.UTC);

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
            insert.setArray(1, array("uuid", calls, UUID[]::new, CallRecord::id));
            insert.setArray(2, array("uuid", calls, UUID[]::new, CallRecord::callId));
            insert.setArray(3, texts(calls, CallRecord::tenantId));
            insert.setArray(4, texts(calls, CallRecord::operation));
            insert.setArray(5, texts(calls, call -> INSTANT.format(call.startedAt())));
            insert.setArray(6, longs(calls, call -> call.callDuration().toMillis()));
            insert.setArray(
                    7,
                    longs(
                            calls,
                            call -> call.firstToken() == null
                                    ? null
                                    : call.firstToken().toMillis()));
            insert.setArray(8, texts(calls, CallRecord::provider));
            insert.setArray(9, texts(calls, CallRecord::model));
            insert.setArray(10, integers(calls, call -> call.tokens().input()));
            insert.setArray(11, integers(calls, call -> call.tokens().output()));
            insert.setArray(12, integers(calls, call -> call.tokens().cachedInput()));
            insert.setArray(13, integers(calls, call -> call.tokens().cacheWrite()));
            insert.setArray(14, integers(calls, call -> call.tokens().reasoning()));
            insert.setArray(15, array("numeric", calls, BigDecimal[]::new, CallRecord::costUsd));
            insert.setArray(16, texts(calls, call -> call.costSource().label()));
            insert.setArray(17, texts(calls, call -> call.status().label()));
            insert.setArray(18, texts(calls, CallRecord::errorClass));
            insert.executeUpdate();
        }
    }

    private Array texts(List<CallRecord> calls, Function<CallRecord, String> column) throws SQLException {
        return array("text", calls, String[]::new, column);
    }

    private Array longs(List<CallRecord> calls, Function<CallRecord, Long> column) throws SQLException {
        return array("int8", calls, Long[]::new, column);
    }

    private Array integers(List<CallRecord> calls, Function<CallRecord, Integer> column) throws SQLException {
        return array("int4", calls, Integer[]::new, column);
    }

    private <T> Array array(String type, List<CallRecord> calls, IntFunction<T[]> empty, Function<CallRecord, T> column)
            throws SQLException {
        return connection.createArrayOf(type, calls.stream().map(column).toArray(empty));
    }
}
