package dev.tokentally.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * If any call may have changed, this removes all rollups, some in each step, so that they are made again. Those whose calls were
 * dropped stay. Reports do not use the rollups meanwhile. Used by one thread.
 */
final class ClearAllStep {

    /** How many rows are removed in a step, which takes some seconds. */
    private static final int CELLS_CLEARED = 20_000;

    private final RollupStatements statements;
    private final RollupMarks marks;
    private final int idsCleared;

    ClearAllStep(RollupStatements statements, RollupMarks marks, int idsCleared) {
        this.statements = statements;
        this.marks = marks;
        this.idsCleared = idsCleared;
    }

    /** Returns false if there is nothing to remove. */
    boolean take(RollupState state, Connection connection) throws SQLException {
        if (!marks.areOfAll(connection)) {
            return false;
        }
        if (state.closed() > state.kept()) {
            statements.change(connection, "update tokentally_rollup_state set closed = ? where id = 1", state.kept());
        } else if (!clear("tokentally_rollups", "tenant_id, unit, starts", CELLS_CLEARED, state, connection)
                && !clear("tokentally_rollup_ids", "tenant_id, call_id, starts", idsCleared, state, connection)) {
            marks.deleteFrom(state.kept(), connection);
        }
        return true;
    }

    /** Removes a number of rows, in the order of the key. The last ones are removed together with the next step. */
    private boolean clear(String table, String key, int rows, RollupState state, Connection connection)
            throws SQLException {
        Sql isKept = Sql.of("(starts >= ? or starts = ?)", state.kept(), Integer.MIN_VALUE);
        Sql next = Sql.of("select " + key + " from " + table + " where ")
                .then(isKept)
                .then(" order by " + key + " offset ? rows fetch first 1 rows only", rows - 1);
        Object[] last = null;
        try (PreparedStatement statement = statements.prepare(next, connection);
                ResultSet row = statement.executeQuery()) {
            if (row.next()) {
                last = new Object[] {row.getObject(1), row.getObject(2), row.getObject(3)};
            }
        }
        Sql delete = Sql.of("delete from " + table + " where ").then(isKept);
        statements.change(connection, last == null ? delete : delete.then(" and (" + key + ") <= (?, ?, ?)", last));
        return last != null;
    }
}
