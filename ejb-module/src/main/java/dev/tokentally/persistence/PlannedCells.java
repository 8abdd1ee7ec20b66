package dev.tokentally.persistence;

import dev.tokentally.persistence.RollupPlan.Interval;
import dev.tokentally.persistence.RollupPlan.Range;
import dev.tokentally.persistence.RollupPlan.Repair;
import dev.tokentally.usage.UsageStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the cells that a report takes by its plan. Used in the report's transaction. */
final class PlannedCells {

    private final RollupPlan plan;
    private final String tenantId;
    private final Dialect dialect;
    private final Connection connection;
    private final ReportMemory memory;
    private final Deadline deadline;

    /**
     * Reads nothing yet.
     *
     * @param tenantId whose; null for all
     */
    PlannedCells(
            RollupPlan plan,
            String tenantId,
            Dialect dialect,
            Connection connection,
            ReportMemory memory,
            Deadline deadline) {
        this.plan = plan;
        this.tenantId = tenantId;
        this.dialect = dialect;
        this.connection = connection;
        this.memory = memory;
        this.deadline = deadline;
    }

    /** Reads the cells of the plan, a tenant after the other, without those that are not up to date. */
    void each(Map<String, Repair> repairs, CellUse use) throws SQLException, UsageStoreException {
        List<Range> ranges = fewRanges();
        if (tenantId == null) {
            letCellsComeAsBytes(ranges);
        }
        eachCell(cellsOf(ranges), cell -> {
            Repair repair = repairs.get(cell.tenant);
            if (plan.takes(cell.interval)
                    && (repair == null || !repair.without().contains(cell.interval))) {
                eachPart(cell, use);
            }
        });
    }

    /** Gives the cell. If it is split, this gives the finer cells of its interval instead, or the parts of its quarter. */
    private void eachPart(StoredCell cell, CellUse use) throws SQLException, UsageStoreException {
        if (!Cell.isSplit(cell.bytes)) {
            use.of(cell);
            return;
        }
        Interval interval = cell.interval;
        boolean isQuarter = interval.unit() == Unit.QUARTER;
        Sql finer = Sql.of(
                "select tenant_id, unit, starts, cell from tokentally_rollups where tenant_id = ? and unit between ? and ?"
                        + " and starts >= ? and starts < ?",
                cell.tenant,
                isQuarter ? Cell.FIRST_PART : interval.unit().finer().code(),
                isQuarter ? Short.MAX_VALUE : interval.unit().finer().code(),
                interval.starts(),
                interval.unit().end(interval.starts()));
        eachCell(finer, one -> eachPart(one, use));
    }

    /**
     * The ranges of the plan. If there are too many for one statement, some are joined; the statement then also returns cells that
     * are not needed. If calls were dropped, a series has as many as it has buckets, or more. Those from before the first cell are
     * left out. If too many are left, their buckets are hours or days that begin within a quarter of an hour, so nearly all cells
     * between the first and the last are needed.
     */
    private List<Range> fewRanges() throws SQLException {
        List<Range> ranges = plan.ranges();
        if (ranges.size() <= RollupQuestion.MANY_RANGES) {
            return ranges;
        }
        int first = firstCell();
        List<Range> withCells =
                ranges.stream().filter(range -> range.to() > first).toList();
        if (!withCells.isEmpty() && withCells.size() <= RollupQuestion.MANY_RANGES) {
            return withCells;
        }
        Map<Unit, Range> hulls = new EnumMap<>(Unit.class);
        for (Range range : ranges) {
            hulls.merge(range.unit(), range, (one, later) -> new Range(one.unit(), one.from(), later.to()));
        }
        return List.copyOf(hulls.values());
    }

    private int firstCell() throws SQLException {
        Sql sql = Sql.of("select min(starts) from tokentally_rollups where unit = ?", Unit.QUARTER.code());
        try (PreparedStatement statement =
                        deadline.prepare(tenantId == null ? sql : sql.then(" and tenant_id = ?", tenantId));
                ResultSet row = statement.executeQuery()) {
            row.next();
            int first = row.getInt(1);
            return row.wasNull() ? Unit.FIRST : first;
        }
    }

    private void eachCell(Sql sql, CellUse use) throws SQLException, UsageStoreException {
        CellFetch fetch = new CellFetch();
        try (PreparedStatement statement = deadline.prepare(sql);
                ResultSet rows = fetch.execute(statement)) {
            while (rows.next()) {
                deadline.check();
                Interval interval = new Interval(Unit.of(rows.getInt(2)), rows.getInt(3));
                use.of(new StoredCell(rows.getString(1), interval, fetch.cell(rows, 4)));
            }
        }
    }

    /** Runs the statement for the cells, without any rows, so often that the driver transfers the cells as bytes. */
    private void letCellsComeAsBytes(List<Range> ranges) throws SQLException {
        Sql none = cellsOf(ranges.stream()
                .map(range -> new Range(range.unit(), range.from(), range.from()))
                .toList());
        for (int runs = 0; runs < dialect.runsWithBytesAsText(); runs++) {
            try (PreparedStatement statement = deadline.prepare(none)) {
                statement.executeQuery().close();
            }
        }
    }

    private Sql cellsOf(List<Range> ranges) {
        // H2 would read all cells for a condition with "or".
        return Sql.joined(" union all ", ranges.stream().map(this::cellsOf).toList())
                .then(" order by 1");
    }

    private Sql cellsOf(Range range) {
        Sql sql = Sql.of(
                "select tenant_id, unit, starts, cell from tokentally_rollups where unit = ? and starts >= ? and starts < ?",
                range.unit().code(),
                range.from(),
                range.to());
        return tenantId == null ? sql : sql.then(" and tenant_id = ?", tenantId);
    }

    /** Reads the cells that single tenants need instead of those of the plan. */
    Map<String, List<StoredCell>> insteadOf(Map<String, Repair> repairs) throws SQLException, UsageStoreException {
        List<String> tenants = new ArrayList<>();
        List<Integer> units = new ArrayList<>();
        List<Integer> firsts = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        repairs.forEach((tenant, repair) -> repair.instead().forEach(range -> {
            tenants.add(tenant);
            units.add(range.unit().code());
            firsts.add(range.from());
            ends.add(range.to());
        }));
        Map<String, List<StoredCell>> cells = new HashMap<>();
        if (tenants.isEmpty()) {
            return cells;
        }
        Sql sql = Sql.of(
                "select cells.tenant_id, cells.unit, cells.starts, cells.cell"
                        + " from unnest(?, ?, ?, ?) as asked (tenant_id, unit, first_start, end_start)"
                        + " join tokentally_rollups cells on cells.tenant_id = asked.tenant_id and cells.unit = asked.unit"
                        + " and cells.starts >= first_start and cells.starts < end_start",
                connection.createArrayOf("varchar", tenants.toArray()),
                connection.createArrayOf("int4", units.toArray()),
                connection.createArrayOf("int4", firsts.toArray()),
                connection.createArrayOf("int4", ends.toArray()));
        eachCell(
                sql,
                cell -> eachPart(cell, part -> {
                    memory.take(part.bytes.length);
                    cells.computeIfAbsent(part.tenant, any -> new ArrayList<>()).add(part);
                }));
        return cells;
    }

    /** The cell of an interval, or a part of it. */
    record StoredCell(String tenant, Interval interval, byte[] bytes) {}

    /** Takes a cell. */
    interface CellUse {
        void of(StoredCell cell) throws SQLException, UsageStoreException;
    }
}
