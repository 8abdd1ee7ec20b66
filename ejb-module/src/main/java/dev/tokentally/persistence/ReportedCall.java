package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.UncertainCalls;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

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

    ReportedCall withCallId(String other) {
        return new ReportedCall(other, isOk, doubts, cost, duration, input, output);
    }

    /** Writes all but the call id. {@link CellCall} reads it. */
    void writeTo(CellWriter out) {
        out.number(doubts | (isOk ? Doubt.OK : 0));
        out.cost(cost);
        out.number(duration);
        out.number(input);
        out.number(output);
    }

    /** The calls of an invocation, as if they were one call. */
    static ReportedCall joined(List<ReportedCall> calls) {
        boolean isOk = false;
        int doubts = 0;
        BigDecimal cost = BigDecimal.ZERO;
        long duration = 0;
        long input = 0;
        long output = 0;
        for (ReportedCall call : calls) {
            isOk |= call.isOk;
            doubts |= call.doubts;
            cost = cost.add(call.cost);
            duration += call.duration;
            input += call.input;
            output += call.output;
        }
        return new ReportedCall(calls.get(0).callId, isOk, doubts, cost, duration, input, output);
    }

    /** The sums over this call alone. */
    SeriesFigures sums() {
        return new SeriesFigures(
                1,
                isOk ? 0 : 1,
                has(Doubt.ANSWERED_UNPRICED),
                new UncertainCalls(has(Doubt.UNPRICED), has(Doubt.PARTIAL), has(Doubt.MAYBE_BILLED)),
                cost,
                isOk ? input : 0,
                isOk ? output : 0);
    }

    private int has(int doubt) {
        return (doubts & doubt) == 0 ? 0 : 1;
    }

    void addTo(Tally figures) throws ReportTooLargeException {
        figures.add(isOk, doubts, duration, input, output);
    }

    void addTo(Invocations.Open invocation) {
        invocation.add(isOk, doubts, duration, input, output);
    }
}
