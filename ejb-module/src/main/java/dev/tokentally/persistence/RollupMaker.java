package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Makes the rollups in small steps, each in a transaction that sees one state of the calls. An interval is closed in three steps.
 * First this commits that it closes; changes mark it from then on. Then this waits until all transactions have ended that were
 * changing calls. Then it reads the calls. Used by one thread.
 *
 * <p>Days are made from the cells of their quarters, and months from those of their days.
 */
final class RollupMaker {

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
    private final RollupStatements statements;
    private final RollupMarks marks;
    private final ClearAllStep clearAll;
    private final NextIntervalStep nextInterval;
    private final ChangedIntervalStep changedInterval;

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
        this.statements = new RollupStatements(stopping);
        this.marks = new RollupMarks(dialect, statements);
        IntervalCells cells = new IntervalCells(statements, marks, cellBytes);
        this.clearAll = new ClearAllStep(statements, marks, idsCleared);
        this.nextInterval = new NextIntervalStep(statements, marks, cells);
        this.changedInterval = new ChangedIntervalStep(marks, cells);
    }

    /** Returns the statements that turn the marking of changes on again; empty if nobody has turned it off. */
    Optional<String> marksAgain(Connection connection) throws SQLException, UsageStoreException {
        return Snapshot.run(connection, dialect, any -> marks.remedy(connection));
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
        try (ReadTransaction transaction = new ReadTransaction(connection);
                PreparedStatement statement = connection.prepareStatement(dialect.changing());
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                changing.add(rows.getString(1));
            }
        }
        return changing;
    }

    /** The end of the quarters that are closing; empty if this need not wait before it reads their calls. */
    OptionalInt toWaitFor(Connection connection) throws SQLException, UsageStoreException {
        RollupState state = Snapshot.run(connection, dialect, any -> RollupState.read(connection));
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
            boolean isTaken = marks.ensureComplete(state, connection)
                    && (clearAll.take(state, connection)
                            || waitedFor >= state.closing() && nextInterval.take(state, connection)
                            || changedInterval.take(state, connection));
            if (isTaken) {
                // The statement that takes the lock sees the data of the moment in which it begins. If another node's
                // step ended between that moment and the lock, this step did not see it. Then this statement fails,
                // since both steps change the row, and this step is tried again. The statement comes last, so that
                // nobody else waits long for the row.
                statements.change(connection, CHANGE_STATE);
            }
            return isTaken;
        });
    }

    /** Ends a statement that has run for a moment. It may be called by any thread, again and again. */
    void cancel() {
        statements.cancel();
    }

    private boolean takes(Connection connection) throws SQLException {
        return Sql.of(dialect.takesRollups()).isTrue(connection);
    }
}
