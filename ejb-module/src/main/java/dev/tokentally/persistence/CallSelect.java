package dev.tokentally.persistence;

import dev.tokentally.persistence.Cell.LooseCall;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** The columns of {@code llm_calls} that rollups know of a call. They are read by their number, which is faster than by name. */
final class CallSelect {

    private static final int TENANT = 1;
    private static final int CALL_ID = 2;
    private static final int COMBINATION = 8;

    /** The number of the first column that the statement adds. */
    static final int FIRST_ADDED = COMBINATION + Combination.COLUMNS.size();

    private CallSelect() {}

    /**
     * The begin of a statement, up to the columns that it adds. It calls the table {@code calls}.
     *
     * @param combination the columns of the {@link Combination}
     */
    static String of(String combination) {
        return "select calls.tenant_id, calls.call_id, " + Doubt.OF_A_ROW + ", " + Doubt.COST
                + ", calls.call_duration_ms, calls.input_tokens, calls.output_tokens, " + combination;
    }

    static String tenant(ResultSet row) throws SQLException {
        return row.getString(TENANT);
    }

    static UUID callId(ResultSet row) throws SQLException {
        return row.getObject(CALL_ID, UUID.class);
    }

    /**
     * Reads the figures.
     *
     * @param callId null if it need not be known
     */
    static LooseCall call(UUID callId, ResultSet row) throws SQLException {
        return new LooseCall(callId, Combination.read(row, COMBINATION), ReportedCall.read(row, TENANT));
    }
}
