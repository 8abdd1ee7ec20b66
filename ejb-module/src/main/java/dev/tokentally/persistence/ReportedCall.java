package dev.tokentally.persistence;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The data of a call that a report needs.
 *
 * @param callId as a text, since it is only compared
 * @param doubts bits of {@link Doubt}
 * @param duration milliseconds
 */
record ReportedCall(String callId, boolean isOk, int doubts, BigDecimal cost, long duration, long input, long output) {

    /**
     * Reads the columns by their number, in the order of {@link ReportSql#figures}, after so many names. That is faster than by
     * name.
     */
    static ReportedCall read(ResultSet row, int names) throws SQLException {
        int outcome = row.getInt(names + 2);
        return new ReportedCall(
                row.getString(names + 1),
                (outcome & Doubt.OK) != 0,
                outcome & ~Doubt.OK,
                row.getBigDecimal(names + 3),
                row.getLong(names + 4),
                row.getLong(names + 5),
                row.getLong(names + 6));
    }
}
