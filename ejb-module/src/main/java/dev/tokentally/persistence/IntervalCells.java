package dev.tokentally.persistence;

import dev.tokentally.persistence.Cell.LooseCall;
import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.UsageStoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Makes the cells of one interval, in the transactions of the maker: those of a quarter from its calls, those of a day or a month from
 * the cells of its quarters or days. Used by one thread.
 */
final class IntervalCells {

    private static final Logger LOG = QuietLog.of(IntervalCells.class);

    private static final int ROWS_FETCHED = 2000;

    /** If a call id has more calls in a quarter, they are kept one by one, so that they need not all be in memory. */
    private static final int CALLS_TOGETHER = 5000;

    /** The calls of a quarter. The added columns say whether the call id has calls in other quarters, and whether the cost is no amount. */
    private static final String CALLS = CallSelect.of(Combination.SELECTED)
            + ", case when exists (select 1 from tokentally_rollup_ids other where other.tenant_id = calls.tenant_id"
            + " and other.call_id = calls.call_id and other.starts <> ?) then 1 else 0 end, case when "
            + Doubt.IS_AMOUNT + " then 0 else 1 end from llm_calls calls";

    private static final int SPANS = CallSelect.FIRST_ADDED;
    private static final int HAS_WRONG_COST = CallSelect.FIRST_ADDED + 1;

    private final RollupStatements statements;
    private final RollupMarks marks;
    private final long cellBytes;
    private final WrongCosts wrongCosts = new WrongCosts();
    private final LargeCells largeCells = new LargeCells();

    /**
     * Makes nothing yet.
     *
     * @param cellBytes the most memory of a cell; a larger one is split
     */
    IntervalCells(RollupStatements statements, RollupMarks marks, long cellBytes) {
        this.statements = statements;
        this.marks = marks;
        this.cellBytes = cellBytes;
    }

    /**
     * Makes the cells of a quarter.
     *
     * @param tenant whose; null for all
     */
    void makeQuarter(String tenant, int quarter, Connection connection) throws SQLException, UsageStoreException {
        Sql calls = Sql.of(
                " where calls.started_at >= ? and calls.started_at < ?",
                Unit.instant(quarter),
                Unit.instant(quarter + 1));
        if (tenant != null) {
            calls = calls.then(" and calls.tenant_id = ?", tenant);
        }
        markOthers(quarter, calls, connection);
        recordIds(quarter, calls, connection);
        deleteCells(tenant, Unit.QUARTER, quarter, connection);
        readCalls(quarter, calls, connection);
    }

    private void recordIds(int quarter, Sql calls, Connection connection) throws SQLException {
        statements.change(
                connection,
                Sql.of(
                                "insert into tokentally_rollup_ids (tenant_id, call_id, starts)"
                                        + " select distinct calls.tenant_id, calls.call_id, cast(? as integer) from llm_calls calls",
                                quarter)
                        .then(calls)
                        .then(
                                " and not exists (select 1 from tokentally_rollup_ids known where known.tenant_id = calls.tenant_id"
                                        + " and known.call_id = calls.call_id and known.starts = ?)",
                                quarter));
    }

    private void readCalls(int quarter, Sql calls, Connection connection) throws SQLException, UsageStoreException {
        Sql sql = Sql.of(CALLS, quarter).then(calls).then(" order by calls.tenant_id, calls.call_id");
        try (PreparedStatement statement = statements.prepare(sql, connection);
                CellInserts inserts = new CellInserts(Unit.QUARTER, quarter, connection)) {
            statement.setFetchSize(ROWS_FETCHED);
            try (ResultSet rows = statement.executeQuery()) {
                List<LooseCall> invocation = new ArrayList<>();
                UUID last = null;
                boolean spans = false;
                while (rows.next()) {
                    String tenant = CallSelect.tenant(rows);
                    UUID callId = CallSelect.callId(rows);
                    boolean sameTenant = inserts.isOf(tenant);
                    if (!(sameTenant && callId.equals(last))) {
                        inserts.add(invocation, spans);
                        last = callId;
                        spans = rows.getInt(SPANS) == 1;
                    }
                    if (!sameTenant) {
                        statements.goOn();
                        inserts.begin(tenant);
                    }
                    if (rows.getInt(HAS_WRONG_COST) == 1) {
                        wrongCosts.tell(tenant, quarter);
                    }
                    invocation.add(CallSelect.call(callId, rows));
                    if (invocation.size() == CALLS_TOGETHER) {
                        spans = true;
                        inserts.add(invocation, spans);
                    }
                }
                inserts.add(invocation, spans);
            }
        }
    }

    /**
     * Another rollup may count an invocation as complete that now has calls in this quarter, too. That rollup is marked, so that it
     * is made again and keeps the calls of the invocation one by one. Each invocation marks at most one quarter for each unit.
     */
    private void markOthers(int quarter, Sql calls, Connection connection) throws SQLException {
        Sql sql = Sql.of(
                        "select asked.tenant_id, asked.call_id, known.starts from (select distinct calls.tenant_id, calls.call_id from llm_calls calls")
                .then(calls)
                .then(
                        ") asked join tokentally_rollup_ids known on known.tenant_id = asked.tenant_id and known.call_id = asked.call_id"
                                + " order by 1, 2, 3");
        Set<List<Object>> marked = new HashSet<>();
        try (PreparedStatement statement = statements.prepare(sql, connection)) {
            // If the quarter is made again, all of its call ids are known, and must not all be in memory.
            statement.setFetchSize(ROWS_FETCHED);
            try (ResultSet rows = statement.executeQuery()) {
                String tenant = null;
                UUID callId = null;
                TreeSet<Integer> quarters = new TreeSet<>();
                while (rows.next()) {
                    String nextTenant = rows.getString(1);
                    UUID next = rows.getObject(2, UUID.class);
                    if (!next.equals(callId) || !nextTenant.equals(tenant)) {
                        addIfWhole(tenant, quarters, quarter, marked);
                        quarters.clear();
                        tenant = nextTenant;
                        callId = next;
                    }
                    quarters.add(rows.getInt(3));
                }
                addIfWhole(tenant, quarters, quarter, marked);
            }
        }
        for (List<Object> one : marked) {
            marks.add((String) one.get(0), (Integer) one.get(1), Unit.QUARTER.code(), connection);
        }
    }

    private static void addIfWhole(String tenant, SortedSet<Integer> quarters, int quarter, Set<List<Object>> marked) {
        if (quarters.isEmpty() || quarters.contains(quarter)) {
            return;
        }
        // If there are several quarters, the calls of the earlier ones may have been dropped.
        int last = quarters.last();
        for (Unit unit : Unit.values()) {
            if (unit.start(last) == unit.start(quarters.first()) && unit.start(last) != unit.start(quarter)) {
                marked.add(List.of(tenant, last));
            }
        }
    }

    /**
     * Makes the cells of a day from its quarters, or those of a month from its days. Where a finer cell cannot be read nor made again, the
     * cell of that tenant is one that cannot be read either, so that reports that need it know that figures are missing. A cell that would
     * be too large is split, and so is one of which a finer cell is split.
     *
     * @return whether all of the cells can be read
     */
    boolean makeOf(String tenant, Unit unit, int starts, Connection connection)
            throws SQLException, UsageStoreException {
        Set<FinerCell> lost = new HashSet<>();
        Optional<FinerCell> unreadable = readInto(tenant, unit, starts, lost, connection);
        while (unreadable.isPresent()) {
            if (!makeReadable(unreadable.get(), unit.finer(), connection)) {
                lost.add(unreadable.get());
            }
            unreadable = readInto(tenant, unit, starts, lost, connection);
        }
        return lost.isEmpty();
    }

    /** Returns the first cell that cannot be read and is not lost; empty if all cells were made. */
    private Optional<FinerCell> readInto(
            String tenant, Unit unit, int starts, Set<FinerCell> lost, Connection connection)
            throws SQLException, UsageStoreException {
        deleteCells(tenant, unit, starts, connection);
        Sql sql = Sql.of(
                "select tenant_id, cell, starts from tokentally_rollups where unit = ? and starts >= ? and starts < ?",
                unit.finer().code(),
                starts,
                unit.end(starts));
        if (tenant != null) {
            sql = sql.then(" and tenant_id = ?", tenant);
        }
        CellFetch fetch = new CellFetch();
        try (PreparedStatement statement = statements.prepare(sql.then(" order by tenant_id"), connection);
                CellInserts inserts = new CellInserts(unit, starts, connection);
                ResultSet rows = fetch.execute(statement)) {
            while (rows.next()) {
                if (!inserts.isOf(rows.getString(1))) {
                    statements.goOn();
                    join(inserts, connection);
                    inserts.begin(rows.getString(1));
                }
                try {
                    inserts.addAll(fetch.cell(rows, 2));
                } catch (UnreadableCellException e) {
                    FinerCell cell = new FinerCell(rows.getString(1), rows.getInt(3));
                    if (!lost.contains(cell)) {
                        return Optional.of(cell);
                    }
                    inserts.isLost = true;
                }
            }
            join(inserts, connection);
        }
        return Optional.empty();
    }

    /** Makes a cell again. Returns false if that is not possible, as calls were dropped. */
    private boolean makeReadable(FinerCell cell, Unit unit, Connection connection)
            throws SQLException, UsageStoreException {
        String which = "tenant " + OneLine.of(cell.tenant) + ", " + unit + " from " + Unit.instant(cell.starts);
        if (unit == Unit.QUARTER && cell.starts < RollupState.read(connection).kept()) {
            LOG.log(
                    Level.WARNING,
                    "A rollup cannot be read, and its calls were dropped, so reports that need it lack figures: "
                            + which);
            return false;
        }
        LOG.log(Level.WARNING, "A rollup cannot be read and is made again: " + which);
        if (unit == Unit.QUARTER) {
            makeQuarter(cell.tenant, cell.starts, connection);
            return true;
        }
        // A newer release may be able to read it, so it stays if it cannot be made.
        Savepoint before = connection.setSavepoint();
        boolean isMade = makeOf(cell.tenant, unit, cell.starts, connection);
        if (!isMade) {
            connection.rollback(before);
        }
        return isMade;
    }

    /** Deletes the cells that start from a quarter on, before another. */
    void delete(Unit unit, int from, int to, Connection connection) throws SQLException {
        for (String units : unitsOf(unit)) {
            statements.change(
                    connection,
                    "delete from tokentally_rollups where " + units + " and starts >= ? and starts < ?",
                    from,
                    to);
        }
    }

    /** Conditions for the cells of a unit and, in a condition of their own, for the parts of quarters. */
    static List<String> unitsOf(Unit unit) {
        String cells = "unit = " + unit.code();
        return unit == Unit.QUARTER ? List.of(cells, "unit >= " + Cell.FIRST_PART) : List.of(cells);
    }

    /** Joins the calls of each invocation that lies in the longer interval with all of its calls. */
    private void join(CellInserts inserts, Connection connection) throws SQLException {
        List<LooseCall> loose = inserts.isSplit ? List.of() : inserts.cell.takeLoose();
        if (loose.isEmpty()) {
            return;
        }
        Map<UUID, List<LooseCall>> invocations = loose.stream().collect(Collectors.groupingBy(LooseCall::callId));
        Set<UUID> whole = whole(inserts.tenant, invocations.keySet(), inserts.unit, inserts.starts, connection);
        try {
            for (Map.Entry<UUID, List<LooseCall>> invocation : invocations.entrySet()) {
                add(invocation.getValue(), !whole.contains(invocation.getKey()), inserts.cell);
            }
        } catch (ReportTooLargeException e) {
            inserts.split();
        }
    }

    /**
     * The call ids that have all of their calls in the interval. An id that the retention has forgotten may have had dropped calls
     * elsewhere, so it is not among them.
     */
    private Set<UUID> whole(String tenant, Set<UUID> ids, Unit unit, int starts, Connection connection)
            throws SQLException {
        Sql sql = Sql.of(
                "select known.call_id from unnest(?) as asked (call_id) join tokentally_rollup_ids known"
                        + " on known.call_id = asked.call_id where known.tenant_id = ?"
                        + " group by known.call_id having min(known.starts) >= ? and max(known.starts) < ?",
                connection.createArrayOf("uuid", ids.toArray()),
                tenant,
                starts,
                unit.end(starts));
        try (PreparedStatement statement = statements.prepare(sql, connection)) {
            statement.setFetchSize(ROWS_FETCHED);
            try (ResultSet rows = statement.executeQuery()) {
                Set<UUID> whole = new HashSet<>();
                while (rows.next()) {
                    whole.add(rows.getObject(1, UUID.class));
                }
                return whole;
            }
        }
    }

    /** Adds the calls of one id. Those of the same operation are one invocation. */
    private static void add(List<LooseCall> calls, boolean spans, Cell cell) throws ReportTooLargeException {
        if (calls.size() == 1 && !spans) {
            cell.addInvocation(calls.get(0).combination(), List.of(calls.get(0).call()));
            return;
        }
        Map<String, List<LooseCall>> operations = calls.stream()
                .collect(Collectors.groupingBy(call -> call.combination().operation()));
        for (List<LooseCall> invocation : operations.values()) {
            Combination combination = invocation.get(0).combination();
            if (spans) {
                for (LooseCall call : invocation) {
                    cell.addLoose(call);
                }
            } else if (invocation.stream().allMatch(call -> call.combination().equals(combination))) {
                cell.addInvocation(
                        combination, invocation.stream().map(LooseCall::call).toList());
            } else {
                cell.addMixed(invocation);
            }
        }
    }

    private void deleteCells(String tenant, Unit unit, int starts, Connection connection) throws SQLException {
        for (String units : unitsOf(unit)) {
            Sql sql = Sql.of("delete from tokentally_rollups where " + units + " and starts = ?", starts);
            statements.change(connection, tenant == null ? sql : sql.then(" and tenant_id = ?", tenant));
        }
    }

    private record FinerCell(String tenant, int starts) {}

    /** Inserts the cells of one interval, a tenant after the other. */
    private final class CellInserts implements AutoCloseable {

        private static final int CELLS_AT_ONCE = 100;

        private static final int BYTES_AT_ONCE = 1 << 20;

        private static final byte[] UNREADABLE = {};

        private final PreparedStatement insert;
        private final Unit unit;
        private final int starts;
        private String tenant;
        private ReportMemory memory;
        private Cell cell;
        /** Whether the tenant's cell is to be one that cannot be read. */
        private boolean isLost;
        /** Whether the tenant's cell is too large, so that reports read the finer cells or the parts. */
        private boolean isSplit;

        private int parts;
        private int waiting;
        private long waitingBytes;

        CellInserts(Unit unit, int starts, Connection connection) throws SQLException {
            this.insert = connection.prepareStatement(
                    "insert into tokentally_rollups (tenant_id, unit, starts, cell) values (?, ?, ?, ?)");
            this.unit = unit;
            this.starts = starts;
            clear();
        }

        /** A quarter's cell ends as a part before it is too large, since nothing finer could replace it. */
        private void clear() {
            memory = new ReportMemory(new AtomicLong(unit == Unit.QUARTER ? Long.MAX_VALUE : cellBytes));
            cell = new Cell(memory);
        }

        boolean isOf(String other) {
            return other.equals(tenant);
        }

        void begin(String next) throws SQLException {
            insert();
            tenant = next;
        }

        /** Adds calls of one id to the cell of a quarter, and removes them from the list. A large cell ends as a part. */
        void add(List<LooseCall> calls, boolean spans) throws SQLException, ReportTooLargeException {
            if (calls.isEmpty()) {
                return;
            }
            IntervalCells.add(calls, spans, cell);
            calls.clear();
            if (memory.taken() > cellBytes / 2) {
                Cell part = cell;
                split();
                put(Cell.FIRST_PART + parts++, part.bytes());
            }
        }

        /** Adds a finer cell. */
        void addAll(byte[] finer) throws SQLException {
            if (Cell.isSplit(finer)) {
                isSplit = true;
                return;
            }
            try {
                cell.addAll(finer);
            } catch (ReportTooLargeException e) {
                split();
            }
        }

        /** The cell is too large. Another one begins, so that the finer cells after this one are still looked at. */
        void split() {
            largeCells.tell(tenant, unit, starts, cell::commonestId);
            isSplit = true;
            clear();
        }

        private void insert() throws SQLException {
            if (parts > 0 && !cell.isEmpty()) {
                put(Cell.FIRST_PART + parts, cell.bytes());
            }
            if (isLost || isSplit) {
                put(unit.code(), isLost ? UNREADABLE : Cell.split());
            } else if (!cell.isEmpty()) {
                put(unit.code(), cell.bytes());
            }
            clear();
            isLost = false;
            isSplit = false;
            parts = 0;
        }

        private void put(int number, byte[] bytes) throws SQLException {
            insert.setString(1, tenant);
            insert.setInt(2, number);
            insert.setInt(3, starts);
            insert.setBytes(4, bytes);
            insert.addBatch();
            waiting++;
            waitingBytes += bytes.length;
            if (waiting == CELLS_AT_ONCE || waitingBytes > BYTES_AT_ONCE) {
                insert.executeBatch();
                waiting = 0;
                waitingBytes = 0;
            }
        }

        @Override
        public void close() throws SQLException {
            try (insert) {
                insert();
                insert.executeBatch();
            }
        }
    }
}
