package dev.tokentally.persistence;

import dev.tokentally.persistence.Cell.LooseCall;
import dev.tokentally.text.OneLine;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.UsageStoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Makes the rollups in small steps, each in a transaction that sees one state of the calls. An interval is closed in three steps.
 * First this commits that it closes; changes mark it from then on. Then this waits until all transactions have ended that were
 * changing calls. Then it reads the calls. Used by one thread.
 *
 * <p>Days are made from the cells of their quarters, and months from those of their days.
 */
final class RollupMaker {

    private static final Logger LOG = System.getLogger(RollupMaker.class.getName());

    private static final int ROWS_FETCHED = 2000;

    /** If more tenants have changed, an interval is made again for all tenants together, which takes fewer statements. */
    private static final int FEW_TENANTS = 10;

    /** How many rows are removed in a step, which takes some seconds. */
    private static final int CELLS_CLEARED = 20_000;

    private static final int IDS_CLEARED = 200_000;

    private static final String MISSING_STATE =
            "insert into tokentally_rollup_state (id, closing, closed, dropped_calls, too_old)"
                    + " select id, case id when 1 then ? else 0 end, case id when 1 then ? else 0 end, 0, 0"
                    + " from (values (1), (2), (3)) needed (id)"
                    + " where id not in (select id from tokentally_rollup_state)";

    private final Dialect dialect;
    private final RollupStatements statements;
    private final RollupMarks marks;

    private final WrongCosts wrongCosts = new WrongCosts();

    /** The end of the interval that was made again last. */
    private int madeUpTo = Integer.MIN_VALUE;

    /** The end of the quarters for which this node has waited. */
    private int waitedFor = Integer.MIN_VALUE;

    RollupMaker(Dialect dialect, BooleanSupplier stopping) {
        this.dialect = dialect;
        this.statements = new RollupStatements(stopping);
        this.marks = new RollupMarks(dialect, statements);
    }

    /** Returns the statements that turn the marking of changes on again; empty if nobody has turned it off. */
    Optional<String> marksAgain(Connection connection) throws SQLException, UsageStoreException {
        return Snapshot.of(connection, dialect, any -> marks.remedy(connection));
    }

    /** Lets the quarters close that are over. */
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

    /** The transactions have ended that were changing calls after it was known that the quarters before this one are closing. */
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
            return marks.areComplete(state, connection)
                    && (clearAll(state, connection) || makeNext(state, connection) || makeAgain(state, connection));
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
                && !clear("tokentally_rollup_ids", "tenant_id, call_id, starts", IDS_CLEARED, state, connection)) {
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
        // The day that was begun ends before the next call.
        for (Unit unit : List.of(Unit.DAY, Unit.MONTH)) {
            if (state.closed() != Integer.MIN_VALUE
                    && unit.start(state.closed()) != state.closed()
                    && unit.end(state.closed()) <= next) {
                closed(state, unit.end(state.closed()), connection);
                return true;
            }
        }
        if (next < state.closing()) {
            makeQuarter(null, next, connection);
            closed(state, next + 1, connection);
        } else {
            closed(state, state.closing(), connection);
        }
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

    /** What changed before the rollup was made is in it, so its marks are no longer needed. */
    private void closed(RollupState state, int closed, Connection connection) throws SQLException, UsageStoreException {
        for (Unit unit : List.of(Unit.DAY, Unit.MONTH)) {
            if (unit.start(closed) == closed && (state.closed() == Integer.MIN_VALUE || state.closed() < closed)) {
                makeOf(null, unit, unit.start(closed - 1), connection);
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
     * Makes the next interval again of which something has changed. Each time it begins after the one before, so that no interval
     * that changes all the time keeps the others waiting.
     *
     * @param marked the unit of the marks
     * @param made the unit of the longest interval that is made
     */
    private boolean makeAgain(Unit marked, Unit made, RollupState state, Connection connection)
            throws SQLException, UsageStoreException {
        OptionalInt next = marks.first(marked.ordinal(), madeUpTo, state.closed(), connection);
        if (next.isEmpty()) {
            next = marks.first(marked.ordinal(), Integer.MIN_VALUE, state.closed(), connection);
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
                marks.add(tenant, month, Unit.MONTH.ordinal(), connection);
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
                makeQuarter(tenant, quarter, connection);
            }
        }
        if (made.end(starts) <= state.closed()) {
            makeOf(tenant, made, starts, connection);
        }
    }

    // One interval.

    /**
     * Makes the cells of a quarter.
     *
     * @param tenant whose; null for all
     */
    private void makeQuarter(String tenant, int quarter, Connection connection)
            throws SQLException, UsageStoreException {
        Sql calls = Sql.of(
                " where calls.started_at >= ? and calls.started_at < ?",
                Unit.instant(quarter),
                Unit.instant(quarter + 1));
        if (tenant != null) {
            calls = calls.then(" and calls.tenant_id = ?", tenant);
        }
        markOthers(quarter, calls, connection);
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
        deleteCells(tenant, Unit.QUARTER, quarter, connection);
        Sql sql = Sql.of(
                        "select calls.tenant_id, calls.call_id, " + Doubt.OF_A_ROW
                                + ", " + Doubt.COST + ", call_duration_ms, input_tokens, output_tokens, "
                                + Combination.SELECTED
                                + ", case when exists (select 1 from tokentally_rollup_ids other where other.tenant_id = calls.tenant_id"
                                + " and other.call_id = calls.call_id and other.starts <> ?) then 1 else 0 end, case when "
                                + Doubt.IS_AMOUNT + " then 0 else 1 end from llm_calls calls",
                        quarter)
                .then(calls)
                .then(" order by calls.tenant_id, calls.call_id");
        try (PreparedStatement statement = statements.prepare(sql, connection);
                CellInserts inserts = new CellInserts(Unit.QUARTER, quarter, connection)) {
            statement.setFetchSize(ROWS_FETCHED);
            try (ResultSet rows = statement.executeQuery()) {
                List<LooseCall> invocation = new ArrayList<>();
                boolean spans = false;
                while (rows.next()) {
                    UUID callId = rows.getObject(2, UUID.class);
                    boolean sameTenant = inserts.isOf(rows.getString(1));
                    if (!invocation.isEmpty()
                            && !(sameTenant && invocation.get(0).callId().equals(callId))) {
                        add(invocation, spans, inserts.cell);
                        invocation.clear();
                    }
                    if (!sameTenant) {
                        statements.goOn();
                        inserts.begin(rows.getString(1));
                    }
                    spans = rows.getInt(8 + Combination.COLUMNS.size()) == 1;
                    if (rows.getInt(9 + Combination.COLUMNS.size()) == 1) {
                        wrongCosts.tell(rows.getString(1), quarter);
                    }
                    invocation.add(new LooseCall(callId, Combination.read(rows, 8), ReportedCall.read(rows, 1)));
                }
                add(invocation, spans, inserts.cell);
            }
        }
    }

    /**
     * Another rollup has an invocation as a whole, and now the invocation has calls in this quarter too. So that rollup is made
     * again, with these calls one by one. Each invocation marks at most one quarter for each unit.
     */
    private void markOthers(int quarter, Sql calls, Connection connection) throws SQLException {
        Sql sql = Sql.of(
                        "select distinct calls.tenant_id, calls.call_id, known.starts from llm_calls calls"
                                + " join tokentally_rollup_ids known on known.tenant_id = calls.tenant_id and known.call_id = calls.call_id")
                .then(calls)
                .then(" order by 1, 2, 3");
        Set<List<Object>> marked = new HashSet<>();
        try (PreparedStatement statement = statements.prepare(sql, connection);
                ResultSet rows = statement.executeQuery()) {
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
        for (List<Object> one : marked) {
            marks.add((String) one.get(0), (Integer) one.get(1), Unit.QUARTER.ordinal(), connection);
        }
    }

    private static void addIfWhole(String tenant, SortedSet<Integer> quarters, int quarter, Set<List<Object>> marked) {
        if (quarters.isEmpty() || quarters.contains(quarter)) {
            return;
        }
        // Of several quarters, the calls of the earlier ones may have been dropped.
        int last = quarters.last();
        for (Unit unit : Unit.values()) {
            if (unit.start(last) == unit.start(quarters.first()) && unit.start(last) != unit.start(quarter)) {
                marked.add(List.of(tenant, last));
            }
        }
    }

    /** Makes the cells of a day from its quarters, or those of a month from its days. */
    private void makeOf(String tenant, Unit unit, int starts, Connection connection)
            throws SQLException, UsageStoreException {
        Optional<FinerCell> unreadable = readInto(tenant, unit, starts, connection);
        while (unreadable.isPresent()) {
            makeReadable(unreadable.get(), unit.finer(), connection);
            unreadable = readInto(tenant, unit, starts, connection);
        }
    }

    /** Returns the first cell that cannot be read; empty if all cells were made. */
    private Optional<FinerCell> readInto(String tenant, Unit unit, int starts, Connection connection)
            throws SQLException, UsageStoreException {
        deleteCells(tenant, unit, starts, connection);
        Sql sql = Sql.of(
                "select tenant_id, cell, starts from tokentally_rollups where unit = ? and starts >= ? and starts < ?",
                unit.finer().ordinal(),
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
                    join(inserts.tenant, unit, starts, inserts.cell, connection);
                    inserts.begin(rows.getString(1));
                }
                try {
                    inserts.cell.addAll(fetch.cell(rows, 2));
                } catch (UnreadableCellException e) {
                    return Optional.of(new FinerCell(rows.getString(1), rows.getInt(3), e));
                }
            }
            join(inserts.tenant, unit, starts, inserts.cell, connection);
        }
        return Optional.empty();
    }

    /** Makes a cell again from the calls, if they are still there. */
    private void makeReadable(FinerCell cell, Unit unit, Connection connection)
            throws SQLException, UsageStoreException {
        if (cell.starts < RollupState.read(connection).kept()) {
            throw cell.failure;
        }
        LOG.log(
                Level.WARNING,
                "A rollup cannot be read and is made again from its calls: tenant " + OneLine.of(cell.tenant) + ", "
                        + unit + " from " + Unit.instant(cell.starts));
        if (unit == Unit.QUARTER) {
            makeQuarter(cell.tenant, cell.starts, connection);
        } else {
            makeOf(cell.tenant, unit, cell.starts, connection);
        }
    }

    /** Joins the calls that lie in the longer interval with all of their invocation. */
    private void join(String tenant, Unit unit, int starts, Cell cell, Connection connection)
            throws SQLException, ReportTooLargeException {
        List<LooseCall> loose = cell.takeLoose();
        if (loose.isEmpty()) {
            return;
        }
        Map<UUID, List<LooseCall>> invocations = loose.stream().collect(Collectors.groupingBy(LooseCall::callId));
        Set<UUID> whole = whole(tenant, invocations.keySet(), unit, starts, connection);
        for (Map.Entry<UUID, List<LooseCall>> invocation : invocations.entrySet()) {
            add(invocation.getValue(), !whole.contains(invocation.getKey()), cell);
        }
    }

    /**
     * The ids all of whose calls are in an interval. An id that the retention has forgotten may have had dropped calls elsewhere, so
     * it is not among them.
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
        try (PreparedStatement statement = statements.prepare(sql, connection);
                ResultSet rows = statement.executeQuery()) {
            Set<UUID> whole = new HashSet<>();
            while (rows.next()) {
                whole.add(rows.getObject(1, UUID.class));
            }
            return whole;
        }
    }

    /** Adds the calls of one id, which are an invocation of each operation. */
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
                invocation.forEach(cell::addLoose);
            } else if (invocation.stream().allMatch(call -> call.combination().equals(combination))) {
                cell.addInvocation(
                        combination, invocation.stream().map(LooseCall::call).toList());
            } else {
                cell.addMixed(invocation);
            }
        }
    }

    private void deleteCells(String tenant, Unit unit, int starts, Connection connection) throws SQLException {
        Sql sql = Sql.of("delete from tokentally_rollups where unit = ? and starts = ?", unit.ordinal(), starts);
        statements.change(connection, tenant == null ? sql : sql.then(" and tenant_id = ?", tenant));
    }

    private record FinerCell(String tenant, int starts, UnreadableCellException failure) {}

    /** Inserts the cells of one interval, a tenant after the other. */
    private static final class CellInserts implements AutoCloseable {

        private static final int CELLS_AT_ONCE = 100;

        private final PreparedStatement insert;
        private final Unit unit;
        private final int starts;
        private String tenant;
        private Cell cell = empty();
        private int waiting;

        CellInserts(Unit unit, int starts, Connection connection) throws SQLException {
            this.insert = connection.prepareStatement(
                    "insert into tokentally_rollups (tenant_id, unit, starts, cell) values (?, ?, ?, ?)");
            this.unit = unit;
            this.starts = starts;
        }

        private static Cell empty() {
            return new Cell(new ReportMemory(new AtomicLong(Long.MAX_VALUE)));
        }

        boolean isOf(String other) {
            return other.equals(tenant);
        }

        void begin(String next) throws SQLException {
            insert();
            tenant = next;
        }

        private void insert() throws SQLException {
            if (!cell.isEmpty()) {
                insert.setString(1, tenant);
                insert.setInt(2, unit.ordinal());
                insert.setInt(3, starts);
                insert.setBytes(4, cell.bytes());
                insert.addBatch();
                if (++waiting == CELLS_AT_ONCE) {
                    insert.executeBatch();
                    waiting = 0;
                }
            }
            cell = empty();
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
