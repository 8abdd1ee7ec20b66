package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * Makes the first rollup of the next quarter that is closing, and those of the day and the month that end with it. Nobody may still be
 * changing calls of the quarter without marking it. Used by one thread.
 */
final class NextIntervalStep {

    private final RollupStatements statements;
    private final RollupMarks marks;
    private final IntervalCells cells;

    NextIntervalStep(RollupStatements statements, RollupMarks marks, IntervalCells cells) {
        this.statements = statements;
        this.marks = marks;
        this.cells = cells;
    }

    /** Returns false if all quarters that are closing have a rollup. */
    boolean take(RollupState state, Connection connection) throws SQLException, UsageStoreException {
        if (state.closed() >= state.closing()) {
            return false;
        }
        int next = Math.min(firstQuarter(state, connection), state.closing());
        int end = Math.min(next + 1, state.closing());
        // The day or month that was begun may end before the next call.
        for (Unit unit : List.of(Unit.DAY, Unit.MONTH)) {
            if (state.closed() != Integer.MIN_VALUE
                    && unit.start(state.closed()) != state.closed()
                    && unit.end(state.closed()) <= next) {
                end = Math.min(end, unit.end(state.closed()));
            }
        }
        if (state.closed() != Integer.MIN_VALUE) {
            // There are some if a node of an earlier release has ended the removal of all rollups early. Those from
            // before the first call stay. If somebody has emptied the table of the state, they may be of calls that
            // were dropped.
            for (Unit unit : Unit.values()) {
                cells.delete(unit, state.closed(), end, connection);
            }
        }
        if (next < end) {
            cells.makeQuarter(null, next, connection);
        }
        close(state, end, connection);
        return true;
    }

    /** The quarter of the first call that is in no rollup. H2 reads all calls of a span for their first one, so the spans are short. */
    private int firstQuarter(RollupState state, Connection connection) throws SQLException {
        int from = Math.max(state.closed(), state.kept());
        if (from == Integer.MIN_VALUE) {
            return quarterOf(Sql.of("select min(started_at) from llm_calls"), connection);
        }
        for (int length = Unit.DAY.end(0); from < state.closing(); length *= 2) {
            int to = Math.min(state.closing(), Unit.DAY.end(from) + length);
            int first = quarterOf(
                    Sql.of(
                            "select min(started_at) from llm_calls where started_at >= ? and started_at < ?",
                            Unit.instant(from),
                            Unit.instant(to)),
                    connection);
            if (first < to) {
                return first;
            }
            from = to;
        }
        return state.closing();
    }

    private int quarterOf(Sql sql, Connection connection) throws SQLException {
        try (PreparedStatement statement = statements.prepare(sql, connection);
                ResultSet row = statement.executeQuery()) {
            row.next();
            OffsetDateTime first = row.getObject(1, OffsetDateTime.class);
            return first == null ? Integer.MAX_VALUE : Unit.quarter(first.toInstant());
        }
    }

    /** The rollup has all changes from before it was made, so their marks are no longer needed. */
    private void close(RollupState state, int closed, Connection connection) throws SQLException, UsageStoreException {
        for (Unit unit : List.of(Unit.DAY, Unit.MONTH)) {
            if (unit.start(closed) == closed && (state.closed() == Integer.MIN_VALUE || state.closed() < closed)) {
                cells.makeOf(null, unit, unit.start(closed - 1), connection);
            }
        }
        marks.delete(Unit.QUARTER, state.closed(), closed, connection);
        statements.change(connection, "update tokentally_rollup_state set closed = ? where id = 1", closed);
    }
}
