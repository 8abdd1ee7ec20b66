package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * Makes the rollups in small steps, each in a transaction that sees one state of the calls. An interval is closed in three steps.
 * First this commits that it closes; changes mark it from then on. Then this waits until all transactions have ended that were
 * changing calls. Then it reads the calls. Used by one thread.
 *
 * <p>Days are made from the cells of their quarters, and months from those of their days.
 */
final class RollupMaker {

    /** If more tenants have changed, an interval is made again for all tenants together, which takes fewer statements. */
    private static final int FEW_TENANTS = 10;

    /** How many rows are removed in a step, which takes some seconds. */
    private static final int CELLS_CLEARED = 20_000;

    /** How many call ids are removed in a step. They are smaller. */
    static final int IDS_CLEARED = 200_000;

    /** The most memory of a rollup while it is made. */
    static final long CELL_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private static final String MISSING_STATE =
            "insert into tokentally_rollup_state (id, closing, closed, dropped_calls, too_old)"
                    + " select id, case id when 1 then ? else 0 end, case id when 1 then ? else 0 end, 0, 0"
                    + " from (values (1), (2), (3)) needed (id)"
                    + " where id not in (select id from tokentally_rollup_state)";

    /** Of two transactions that do not see each other, the database refuses the second one that does this. */
    private static final String CHANGE_STATE = "update tokentally_rollup_state set closed = closed where id = 1";

    private final Dialect dialect;
    private final int idsCleared;
    private final RollupStatements statements;
    private final RollupMarks marks;

    private final IntervalCells cells;

    /** The end of the interval that was made again last. */
    private int madeUpTo = Integer.MIN_VALUE;

    /** The end of the quarters for which this node has waited. */
    private int waitedFor = Integer.MIN_VALUE;

    RollupMaker(Dialect dialect, BooleanSupplier stopping) {
        this(dialect, stopping, CELL_BYTES, IDS_CLEARED);
    }

    /**
     * For tests with few rows.
     *
     * @param cellBytes the most memory of a rollup while it is made
     * @param idsCleared how many call ids are deleted at once
     */
    RollupMaker(Dialect dialect, BooleanSupplier stopping, long cellBytes, int idsCleared) {
        this.dialect = dialect;
        this.idsCleared = idsCleared;
        this.statements = new RollupStatements(stopping);
        this.marks = new RollupMarks(dialect, statements);
        this.cells = new IntervalCells(statements, marks, cellBytes);
    }

    /** Returns the statements that turn the marking of changes on again; empty if nobody has turned it off. */
    Optional<String> marksAgain(Connection connection) throws SQLException, UsageStoreException {
        return Snapshot.of(connection, dialect, any -> marks.remedy(connection));
    }

    /** Begins to close the quarters that are over. */
    void close(Connection connection) throws SQLException, UsageStoreException {
        Snapshot.untimed(connection, dialect, any -> {
            // Somebody may have emptied all tables.
            statements.change(connection, MISSING_STATE, Integer.MIN_VALUE, Integer.MIN_VALUE);
            if (!takes(connection)) {
                return null;
            }
            int over = RollupState.over(connection);
            if (RollupState.read(connection).closing() < over) {
                // The store may be an older one than before, after a failover.
                waitedFor = Integer.MIN_VALUE;
                statements.change(
                        connection,
                        "update tokentally_rollup_state set closing = ? where id = 1 and closing < ?",
                        over,
                        over);
            }
            return true;
        });
    }

    /** The transactions that may not know which quarters are closing. */
    Set<String> changing(Connection connection) throws SQLException {
        Set<String> changing = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(dialect.changing());
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                changing.add(rows.getString(1));
            }
        } finally {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
        }
        return changing;
    }

    /** The end of the quarters that are closing; empty if this need not wait before it reads their calls. */
    OptionalInt toWaitFor(Connection connection) throws SQLException, UsageStoreException {
        RollupState state = Snapshot.of(connection, dialect, any -> RollupState.read(connection));
        return state.closed() < state.closing() && waitedFor < state.closing()
                ? OptionalInt.of(state.closing())
                : OptionalInt.empty();
    }

    /** All transactions that were changing calls when these quarters began to close have ended. */
    void waited(int closing) {
        waitedFor = closing;
    }

    /**
     * Makes the next rollups.
     *
     * @return whether there may be more to do at once
     */
    boolean step(Connection connection) throws SQLException, UsageStoreException {
        return Snapshot.untimed(connection, dialect, any -> {
            if (dialect.keepsTables().isPresent()) {
                statements.change(connection, dialect.keepsTables().get());
            }
            if (!takes(connection) || marks.remedy(connection).isPresent()) {
                return false;
            }
            RollupState state = RollupState.read(connection);
            boolean isMade = marks.areComplete(state, connection)
                    && (clearAll(state, connection) || makeNext(state, connection) || makeAgain(state, connection));
            if (isMade) {
                // The statement that takes the lock sees the data of the moment in which it begins. If another node's
                // step ended between that moment and the lock, this step did not see it. Then this statement fails,
                // since both steps change the row, and this step is tried again. The statement comes last, so that
                // nobody else waits long for the row.
                statements.change(connection, CHANGE_STATE);
            }
            return isMade;
        });
    }

    /** Ends a statement that has run for a moment. It may be called by any thread, again and again. */
    void cancel() {
        statements.cancel();
    }

    private boolean takes(Connection connection) throws SQLException {
        return Sql.of(dialect.takesRollups()).isTrue(connection);
    }

    // Everything.

    /**
     * If anything may have changed, this removes all rollups, so that they are made again. What was dropped for its age stays. Reports do
     * not use the rollups meanwhile.
     */
    private boolean clearAll(RollupState state, Connection connection) throws SQLException {
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

    // The intervals that no rollup was made of yet.

    private boolean makeNext(RollupState state, Connection connection) throws SQLException, UsageStoreException {
        if (state.closed() >= state.closing() || waitedFor < state.closing()) {
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
        closed(state, end, connection);
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
    private void closed(RollupState state, int closed, Connection connection) throws SQLException, UsageStoreException {
        for (Unit unit : List.of(Unit.DAY, Unit.MONTH)) {
            if (unit.start(closed) == closed && (state.closed() == Integer.MIN_VALUE || state.closed() < closed)) {
                cells.makeOf(null, unit, unit.start(closed - 1), connection);
            }
        }
        marks.delete(Unit.QUARTER, state.closed(), closed, connection);
        statements.change(connection, "update tokentally_rollup_state set closed = ? where id = 1", closed);
    }

    // The intervals that have changed.

    private boolean makeAgain(RollupState state, Connection connection) throws SQLException, UsageStoreException {
        if (state.keptFrom() != null) {
            marks.delete(Unit.QUARTER, Integer.MIN_VALUE, state.kept(), connection);
            marks.delete(Unit.MONTH, Integer.MIN_VALUE, Unit.MONTH.start(state.kept()), connection);
        }
        return makeAgain(Unit.QUARTER, Unit.DAY, state, connection)
                || makeAgain(Unit.MONTH, Unit.MONTH, state, connection);
    }

    /**
     * Makes the next changed interval again. The search starts behind the last one, so an interval that changes all the time does
     * not hold up the others.
     *
     * @param marked the unit of the marks
     * @param made the unit of the longest interval that is made
     */
    private boolean makeAgain(Unit marked, Unit made, RollupState state, Connection connection)
            throws SQLException, UsageStoreException {
        OptionalInt next = marks.first(marked.code(), madeUpTo, state.closed(), connection);
        if (next.isEmpty()) {
            next = marks.first(marked.code(), Integer.MIN_VALUE, state.closed(), connection);
        }
        if (next.isEmpty()) {
            return false;
        }
        int starts = made.start(next.getAsInt());
        int end = Math.min(made.end(starts), state.closed());
        Map<String, SortedSet<Integer>> changed = marks.read(marked, starts, end, connection);
        // To make a quarter may mark another one of the same day.
        marks.delete(marked, starts, end, connection);
        if (changed.size() > FEW_TENANTS) {
            SortedSet<Integer> all = new TreeSet<>();
            changed.values().forEach(all::addAll);
            makeAgain(null, marked, all, made, starts, state, connection);
        } else {
            for (Map.Entry<String, SortedSet<Integer>> one : changed.entrySet()) {
                makeAgain(one.getKey(), marked, one.getValue(), made, starts, state, connection);
            }
        }
        int month = Unit.MONTH.start(starts);
        if (made == Unit.DAY && Unit.MONTH.end(month) <= state.closed()) {
            for (String tenant : changed.keySet()) {
                marks.add(tenant, month, Unit.MONTH.code(), connection);
            }
        }
        madeUpTo = end;
        return true;
    }

    private void makeAgain(
            String tenant,
            Unit marked,
            SortedSet<Integer> changed,
            Unit made,
            int starts,
            RollupState state,
            Connection connection)
            throws SQLException, UsageStoreException {
        if (marked == Unit.QUARTER) {
            for (int quarter : changed) {
                cells.makeQuarter(tenant, quarter, connection);
            }
        }
        if (made.end(starts) <= state.closed()) {
            cells.makeOf(tenant, made, starts, connection);
        }
    }
}
