package dev.tokentally.persistence;

import dev.tokentally.usage.UsageStoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Makes the rollups of the next changed interval again. The search starts behind the last one, so an interval that changes all the time
 * does not hold up the others. Used by one thread.
 */
final class ChangedIntervalStep {

    /** If more tenants have changed, an interval is made again for all tenants together, which takes fewer statements. */
    private static final int FEW_TENANTS = 10;

    private final RollupMarks marks;
    private final IntervalCells cells;

    /** The end of the interval that was made again last. */
    private int madeUpTo = Integer.MIN_VALUE;

    ChangedIntervalStep(RollupMarks marks, IntervalCells cells) {
        this.marks = marks;
        this.cells = cells;
    }

    /** Returns false if no interval has changed. */
    boolean take(RollupState state, Connection connection) throws SQLException, UsageStoreException {
        if (state.keptFrom() != null) {
            marks.delete(Unit.QUARTER, Integer.MIN_VALUE, state.kept(), connection);
            marks.delete(Unit.MONTH, Integer.MIN_VALUE, Unit.MONTH.start(state.kept()), connection);
        }
        return makeNext(Unit.QUARTER, Unit.DAY, state, connection)
                || makeNext(Unit.MONTH, Unit.MONTH, state, connection);
    }

    /**
     * Makes the next interval of one kind.
     *
     * @param marked the unit of the marks
     * @param made the unit of the longest interval that is made
     */
    private boolean makeNext(Unit marked, Unit made, RollupState state, Connection connection)
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
        for (Map.Entry<String, SortedSet<Integer>> one : togetherIfMany(changed).entrySet()) {
            String tenant = one.getKey();
            if (marked == Unit.QUARTER) {
                for (int quarter : one.getValue()) {
                    cells.makeQuarter(tenant, quarter, connection);
                }
            }
            if (made.end(starts) <= state.closed()) {
                cells.makeOf(tenant, made, starts, connection);
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

    /** If many tenants have changed, this returns their intervals together, under null. */
    private static Map<String, SortedSet<Integer>> togetherIfMany(Map<String, SortedSet<Integer>> changed) {
        if (changed.size() <= FEW_TENANTS) {
            return changed;
        }
        SortedSet<Integer> all = new TreeSet<>();
        changed.values().forEach(all::addAll);
        return Collections.singletonMap(null, all);
    }
}
