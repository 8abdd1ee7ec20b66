package dev.tokentally.persistence;

import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads, adds and deletes the marks of intervals that have changed, in the transactions of the maker. Used by one thread. */
final class RollupMarks {

    private static final Logger LOG = QuietLog.of(RollupMarks.class);

    private static final int MESSAGE = 1000;

    /** The unit of the mark that says that anything may have changed. A statement that removes all calls leaves it, too. */
    static final int ALL = 9;

    private static final Sql ALL_IS_MARKED =
            Sql.of("select exists (select 1 from tokentally_rollup_marks where unit = ?)", ALL);

    private final Dialect dialect;
    private final RollupStatements statements;

    RollupMarks(Dialect dialect, RollupStatements statements) {
        this.dialect = dialect;
        this.statements = statements;
    }

    /** Returns the statements that turn the marking on again; empty if nobody has turned it off. */
    Optional<String> remedy(Connection connection) throws SQLException {
        return text(dialect.marksAgain(), connection);
    }

    /**
     * Makes sure that all changes are marked. If some were not marked since the last time, this marks everything, since it is not
     * known which they were.
     *
     * @return false if changes are still made that nobody marks
     */
    boolean ensureComplete(RollupState state, Connection connection) throws SQLException {
        if (dialect.unmarked().isEmpty() || Sql.of(dialect.marks()).isTrue(connection)) {
            return true;
        }
        Optional<String> why = text(dialect.unmarked(), connection);
        if (why.isEmpty()) {
            return false;
        }
        statements.change(connection, dialect.markedFromNowOn());
        if (state.closed() > state.kept()) {
            add("", Integer.MIN_VALUE, ALL, connection);
            LOG.log(
                    Level.WARNING,
                    "All rollups are made again, and reports read more calls until then, since changes of calls may not have"
                            + " been noticed: " + OneLine.of(why.get(), MESSAGE));
        }
        return true;
    }

    private static Optional<String> text(Optional<String> query, Connection connection) throws SQLException {
        if (query.isEmpty()) {
            return query;
        }
        try (PreparedStatement statement = connection.prepareStatement(query.get());
                ResultSet row = statement.executeQuery()) {
            row.next();
            return Optional.ofNullable(row.getString(1));
        }
    }

    /**
     * The first changed interval that starts at one quarter or later, and before another quarter.
     *
     * @param unit the {@link Unit#code}, or {@link #ALL}
     */
    OptionalInt first(int unit, int from, int to, Connection connection) throws SQLException {
        try (PreparedStatement statement = statements.prepare(
                        Sql.of(
                                "select starts from tokentally_rollup_marks where unit = ? and starts >= ? and starts < ?"
                                        + " order by unit, starts fetch first 1 rows only",
                                unit,
                                from,
                                to),
                        connection);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
        }
    }

    /** The intervals of each tenant that have changed. */
    Map<String, SortedSet<Integer>> read(Unit unit, int from, int to, Connection connection) throws SQLException {
        try (PreparedStatement statement = statements.prepare(
                        Sql.of(
                                "select distinct tenant_id, starts from tokentally_rollup_marks"
                                        + " where unit = ? and starts >= ? and starts < ?",
                                unit.code(),
                                from,
                                to),
                        connection);
                ResultSet rows = statement.executeQuery()) {
            Map<String, SortedSet<Integer>> marks = new TreeMap<>();
            while (rows.next()) {
                marks.computeIfAbsent(rows.getString(1), any -> new TreeSet<>()).add(rows.getInt(2));
            }
            return marks;
        }
    }

    /**
     * Marks an interval.
     *
     * @param unit the {@link Unit#code}, or {@link #ALL}
     */
    void add(String tenant, int starts, int unit, Connection connection) throws SQLException {
        statements.change(
                connection,
                "insert into tokentally_rollup_marks (tenant_id, starts, unit) values (?, ?, ?)",
                tenant,
                starts,
                unit);
    }

    /** Deletes the marks that this transaction sees. */
    void delete(Unit unit, int from, int to, Connection connection) throws SQLException {
        statements.change(
                connection,
                "delete from tokentally_rollup_marks where unit = ? and starts >= ? and starts < ?",
                unit.code(),
                from,
                to);
    }

    /** Deletes the marks of all units from a quarter on, and those of everything. */
    void deleteFrom(int quarter, Connection connection) throws SQLException {
        statements.change(
                connection,
                "delete from tokentally_rollup_marks where starts >= ? or starts = ?",
                quarter,
                Integer.MIN_VALUE);
    }

    /** Whether anything may have changed. */
    boolean areOfAll(Connection connection) throws SQLException {
        return ALL_IS_MARKED.isTrue(connection);
    }
}
