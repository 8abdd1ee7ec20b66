package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A record as a row of {@code llm_calls}, both ways. */
final class CallRow {

    static final String COLUMNS = """
            id, call_id, tenant_id, operation, started_at, call_duration_ms, first_token_ms, provider, model, \
            input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, \
            cost_usd, cost_source, status, error_class""";

    static final String INSERT =
            "insert into llm_calls (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private CallRow() {}

    static void bind(CallRecord call, PreparedStatement insert) throws SQLException {
        insert.setObject(1, call.id());
        insert.setObject(2, call.callId());
        insert.setString(3, call.tenantId());
        insert.setString(4, call.operation());
        // Not a Timestamp, which goes through the local time and cannot tell the repeated hour's two halves apart.
        insert.setObject(5, call.startedAt().atOffset(ZoneOffset.UTC));
        insert.setLong(6, call.callDuration().toMillis());
        insert.setObject(7, call.firstToken() == null ? null : call.firstToken().toMillis(), Types.BIGINT);
        insert.setString(8, call.provider());
        insert.setString(9, call.model());
        insert.setInt(10, call.tokens().input());
        insert.setInt(11, call.tokens().output());
        insert.setInt(12, call.tokens().cachedInput());
        insert.setInt(13, call.tokens().cacheWrite());
        insert.setInt(14, call.tokens().reasoning());
        insert.setBigDecimal(15, call.costUsd());
        insert.setString(16, call.costSource().label());
        insert.setString(17, call.status().label());
        insert.setString(18, call.errorClass());
    }

    static List<CallRecord> readAll(ResultSet rows) throws SQLException {
        List<CallRecord> calls = new ArrayList<>();
        while (rows.next()) {
            calls.add(read(rows));
        }
        return calls;
    }

    static CallRecord read(ResultSet row) throws SQLException {
        return new CallRecord(
                row.getObject("id", UUID.class),
                row.getObject("call_id", UUID.class),
                row.getString("tenant_id"),
                row.getString("operation"),
                row.getObject("started_at", OffsetDateTime.class).toInstant(),
                Duration.ofMillis(row.getLong("call_duration_ms")),
                row.getObject("first_token_ms") == null ? null : Duration.ofMillis(row.getLong("first_token_ms")),
                row.getString("provider"),
                row.getString("model"),
                new TokenCounts(
                        row.getInt("input_tokens"),
                        row.getInt("output_tokens"),
                        row.getInt("cached_input_tokens"),
                        row.getInt("cache_write_tokens"),
                        row.getInt("reasoning_tokens")),
                row.getBigDecimal("cost_usd"),
                CostSource.ofLabel(row.getString("cost_source")),
                CallStatus.ofLabel(row.getString("status")),
                row.getString("error_class"));
    }
}
