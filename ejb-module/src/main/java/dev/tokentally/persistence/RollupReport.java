package dev.tokentally.persistence;

import dev.tokentally.persistence.Cell.LooseCall;
import dev.tokentally.persistence.PlannedCells.StoredCell;
import dev.tokentally.persistence.RollupPlan.Range;
import dev.tokentally.persistence.RollupPlan.Repair;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Reads what a report needs: the rollups of whole intervals, and the calls of the rest. It is used in one transaction that sees one
 * state of both, so its answer does not depend on how far the rollups are.
 */
final class RollupReport {

    /** With more of these, reading the calls is faster. */
    private static final int MANY_MARKS = 5000;

    private static final int MANY_CALLS = 200_000;

    private static final String CALLS_OF_SPANS = " join llm_calls calls on calls.tenant_id = asked.tenant_id"
            + " and calls.started_at >= asked.first_instant and calls.started_at < asked.end_instant";

    private static final int CALLS_FETCHED = 500;

    /** The memory of a call that is kept while the report is made. */
    private static final int CALL_BYTES = 300;

    private final String tenantId;
    private final Window window;
    private final Map<Dimension, String> filters;
    private final Set<Dimension> asked;
    private final boolean joinsInvocations;
    private final Dialect dialect;
    private final Connection connection;
    private final ReportMemory memory;
    private final Deadline deadline;
    private final Instant keptFrom;
    private final int closed;
    private final RollupPlan plan;
    private final PlannedCells cells;

    /** The calls of the current tenant whose invocations have calls in several rollups, without those in {@link #dropped}. */
    private final List<LooseCall> loose = new ArrayList<>();

    /** The same for calls that were dropped and are only in rollups. */
    private final List<LooseCall> dropped = new ArrayList<>();

    /** The calls of each tenant that are read one by one. */
    private final Map<String, List<LooseCall>> calls = new HashMap<>();

    private RollupReport(
            RollupQuestion question,
            Dialect dialect,
            RollupState state,
            int closed,
            Connection connection,
            ReportMemory memory,
            Deadline deadline) {
        this.dialect = dialect;
        this.tenantId = question.tenantId();
        this.window = question.window();
        this.filters = question.filters();
        this.asked = question.asked();
        this.joinsInvocations = question.edges() == null;
        this.connection = connection;
        this.memory = memory;
        this.deadline = deadline;
        this.keptFrom = state.keptFrom();
        this.closed = closed;
        this.plan = new RollupPlan(window, question.ranges(closed, state), keptFrom);
        this.cells = new PlannedCells(plan, tenantId, dialect, connection, memory, deadline);
    }

    /**
     * Plans the report.
     *
     * @return the report; empty if all is to be read from the calls
     */
    static Optional<RollupReport> of(
            RollupQuestion question,
            Dialect dialect,
            RollupState state,
            Connection connection,
            ReportMemory memory,
            Deadline deadline)
            throws SQLException, UsageStoreException {
        // Without the marks nobody knows whether a rollup is up to date. What was dropped cannot change.
        int closed = Sql.of(dialect.marks()).isTrue(connection) ? state.closed() : state.kept();
        RollupReport report = new RollupReport(question, dialect, state, closed, connection, memory, deadline);
        if (closed > state.kept() && !report.plan.isEmpty() && report.readMarks()) {
            return Optional.of(report);
        }
        RollupReport dropped = new RollupReport(question, dialect, state, state.kept(), connection, memory, deadline);
        return dropped.plan.isEmpty() ? Optional.empty() : Optional.of(dropped);
    }

    /** Returns false if there are too many marks, or too many calls without a rollup. */
    private boolean readMarks() throws SQLException, UsageStoreException {
        Sql sql =
                Sql.of("select distinct tenant_id, starts, unit from tokentally_rollup_marks where starts < ?", closed);
        if (keptFrom != null) {
            // The mark of a month or of everything may name an earlier quarter.
            sql = sql.then(" and (starts >= ? or unit <> ?)", Unit.quarter(keptFrom), Unit.QUARTER.code());
        }
        if (tenantId != null) {
            sql = sql.then(" and tenant_id in (?, '')", tenantId);
        }
        Map<String, List<Range>> changed = new HashMap<>();
        try (PreparedStatement statement = deadline.prepare(sql.then(" fetch first ? rows only", MANY_MARKS + 1));
                ResultSet rows = statement.executeQuery()) {
            int count = 0;
            while (rows.next()) {
                String tenant = rows.getString(1);
                int starts = rows.getInt(2);
                int unit = rows.getInt(3);
                if (++count > MANY_MARKS || unit == RollupMarks.ALL) {
                    return false;
                }
                if (unit == Unit.MONTH.code()) {
                    plan.breakMonth(tenant, starts);
                } else if (isInWindow(starts)) {
                    plan.breakQuarter(tenant, starts);
                    changed.computeIfAbsent(tenant, any -> new ArrayList<>())
                            .add(new Range(Unit.QUARTER, starts, starts + 1));
                }
            }
        }
        if (joinsInvocations) {
            if (isFarBehind()) {
                return false;
            }
            breakPartners(changed);
        }
        return true;
    }

    private boolean isInWindow(int quarter) {
        return (window.from() == null || Unit.instant(quarter + 1).isAfter(window.from()))
                && (window.to() == null || Unit.instant(quarter).isBefore(window.to()));
    }

    /** While the rollups of the past are made, it is faster to read all calls. */
    private boolean isFarBehind() throws SQLException {
        Optional<Sql> open = openCalls();
        if (open.isEmpty()) {
            return false;
        }
        Sql count = Sql.of("select count(*) from (select 1 from llm_calls calls")
                .then(open.get())
                .then(" fetch first ? rows only) found", MANY_CALLS + 1);
        try (PreparedStatement statement = deadline.prepare(count);
                ResultSet row = statement.executeQuery()) {
            return row.next() && row.getInt(1) > MANY_CALLS;
        }
    }

    /** The condition for the calls of the window that no rollup has yet; empty if the window ends before. */
    private Optional<Sql> openCalls() {
        Instant open = Unit.instant(closed);
        if (window.to() != null && !open.isBefore(window.to())) {
            return Optional.empty();
        }
        Sql where = Sql.of(" where calls.started_at >= ?", open);
        if (window.to() != null) {
            where = where.then(" and calls.started_at < ?", ReportSql.inMicroseconds(window.to()));
        }
        return Optional.of(tenantId == null ? where : where.then(" and calls.tenant_id = ?", tenantId));
    }

    /**
     * A rollup may count an invocation as complete although it has further calls in a span without rollups or in a changed quarter.
     * Such a rollup is not used; the calls of its quarter are read.
     */
    private void breakPartners(Map<String, List<Range>> changed) throws SQLException {
        Optional<Sql> open = openCalls();
        if (open.isPresent()) {
            breakPartners(Sql.of(" from llm_calls calls"), open.get());
        }
        if (!changed.isEmpty()) {
            breakPartners(spans(changed).then(CALLS_OF_SPANS), Sql.of(" where 1 = 1"));
        }
    }

    private void breakPartners(Sql from, Sql where) throws SQLException {
        int first = window.from() == null ? Integer.MIN_VALUE : Unit.quarter(window.from());
        // An id may have thousands of calls and thousands of quarters, so its calls are not joined one by one.
        Sql sql = Sql.of(
                        "select distinct found.tenant_id, known.starts from (select distinct calls.tenant_id, calls.call_id")
                .then(from)
                .then(where)
                .then(") found join tokentally_rollup_ids known on known.tenant_id = found.tenant_id"
                        + " and known.call_id = found.call_id")
                .then(" where known.starts >= ? and known.starts < ?", first, closed);
        try (PreparedStatement statement = deadline.prepare(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                String tenant = rows.getString(1);
                int quarter = rows.getInt(2);
                if (keptFrom == null || quarter >= Unit.quarter(keptFrom)) {
                    plan.breakQuarter(tenant, quarter);
                }
            }
        }
    }

    /** A table of spans of time of tenants. */
    private Sql spans(Map<String, List<Range>> ofTenants) throws SQLException {
        List<String> tenants = new ArrayList<>();
        List<Instant> firsts = new ArrayList<>();
        List<Instant> ends = new ArrayList<>();
        ofTenants.forEach((tenant, ranges) -> ranges.forEach(range -> {
            tenants.add(tenant);
            firsts.add(Unit.instant(range.from()));
            ends.add(Unit.instant(range.to()));
        }));
        return Sql.of(
                " from unnest(?, ?, ?) as asked (tenant_id, first_instant, end_instant)",
                connection.createArrayOf("varchar", tenants.toArray()),
                dialect.instants(firsts, connection),
                dialect.instants(ends, connection));
    }

    /** Gives the report everything, a tenant after the other. */
    void readInto(Grouping report) throws SQLException, UsageStoreException {
        for (Window span : plan.spans()) {
            read(select().then(" from llm_calls calls").then(ReportSql.where(tenantId, span, filters)), this::keep);
        }
        eachBrokenCall(this::keep);
        Map<String, Repair> repairs = plan.repairs();
        Map<String, List<StoredCell>> instead = cells.insteadOf(repairs);
        Set<String> done = new HashSet<>();
        String[] tenant = new String[1];
        cells.each(repairs, cell -> {
            if (!cell.tenant().equals(tenant[0])) {
                end(tenant[0], instead, report);
                tenant[0] = cell.tenant();
                done.add(cell.tenant());
            }
            add(cell, report);
        });
        end(tenant[0], instead, report);
        Set<String> others = new HashSet<>(calls.keySet());
        others.addAll(instead.keySet());
        others.removeAll(done);
        for (String other : others) {
            end(other, instead, report);
        }
    }

    /** Reads the sums of all that is not in {@link #spans}. */
    void readSums(SumsByInterval sums) throws SQLException, UsageStoreException {
        eachBrokenCall((tenant, quarter, call) ->
                sums.add(quarter, tenant, call.combination(), call.call().sums()));
        Map<String, Repair> repairs = plan.repairs();
        cells.each(repairs, cell -> addSums(cell, sums));
        for (List<StoredCell> instead : cells.insteadOf(repairs).values()) {
            for (StoredCell cell : instead) {
                addSums(cell, sums);
            }
        }
    }

    /** The spans of time that the rollups do not cover. */
    List<Window> spans() {
        return plan.spans();
    }

    private void addSums(StoredCell cell, SumsByInterval sums) throws SQLException, UsageStoreException {
        int quarter = cell.interval().starts();
        Cell.read(cell.bytes(), new Cell.Reader() {
            @Override
            public Cell.Target target(Combination combination) throws ReportTooLargeException {
                if (!isAsked(combination)) {
                    return Cell.Target.NONE;
                }
                Tally tally = new Tally(memory);
                Tally[] calls = {tally};
                return new Cell.Target(calls, calls, new Tally[0], cost -> {
                    sums.add(quarter, cell.tenant(), combination, tally.sums(cost));
                    tally.clear();
                });
            }

            @Override
            public void addMixed(Combination combination, CellCall call) throws ReportTooLargeException {
                addLoose(new LooseCall(null, combination, call.reported("")));
            }

            @Override
            public void addLoose(LooseCall call) throws ReportTooLargeException {
                if (isAsked(call.combination())) {
                    sums.add(
                            quarter,
                            cell.tenant(),
                            call.combination(),
                            call.call().sums());
                }
            }
        });
    }

    private void add(StoredCell cell, Grouping report) throws SQLException, UsageStoreException {
        boolean isDropped =
                keptFrom != null && cell.interval().unit().end(cell.interval().starts()) <= Unit.quarter(keptFrom);
        // Each combination is one object in a cell, to which many calls refer.
        Map<Combination, Grouping.Place> places = new IdentityHashMap<>();
        Cell.read(cell.bytes(), new Cell.Reader() {
            @Override
            public Cell.Target target(Combination combination) throws ReportTooLargeException {
                if (!isAsked(combination)) {
                    return Cell.Target.NONE;
                }
                Grouping.Place place = report.place(cell.tenant(), combination);
                places.put(combination, place);
                return report.target(place);
            }

            @Override
            public void addMixed(Combination combination, CellCall call) throws ReportTooLargeException {
                Grouping.Place place = places.get(combination);
                if (place != null) {
                    report.add(call, place);
                }
            }

            @Override
            public void endMixed() throws ReportTooLargeException {
                report.endInvocation();
            }

            @Override
            public void addLoose(LooseCall call) throws ReportTooLargeException {
                if (places.containsKey(call.combination())) {
                    memory.takeForJoins(CALL_BYTES);
                    (isDropped ? dropped : loose).add(call);
                }
            }
        });
    }

    private boolean isAsked(Combination combination) {
        for (Map.Entry<Dimension, String> filter : filters.entrySet()) {
            if (!combination.has(filter.getKey(), filter.getValue())) {
                return false;
            }
        }
        return true;
    }

    private void end(String tenant, Map<String, List<StoredCell>> instead, Grouping report)
            throws SQLException, UsageStoreException {
        if (tenant == null) {
            return;
        }
        for (StoredCell cell : instead.getOrDefault(tenant, List.of())) {
            add(cell, report);
        }
        renameDropped(tenant);
        loose.addAll(dropped);
        loose.addAll(calls.getOrDefault(tenant, List.of()));
        loose.sort(Comparator.comparing(call -> call.call().callId()));
        for (LooseCall call : loose) {
            report.add(tenant, call.combination(), call.call());
        }
        memory.giveBackJoins((long) CALL_BYTES * loose.size());
        loose.clear();
        dropped.clear();
    }

    private Sql select() {
        return Sql.of(CallSelect.of(Combination.selected(asked)) + ", calls.started_at");
    }

    /** Reads the calls of the quarters whose rollup is not up to date. */
    private void eachBrokenCall(CallUse use) throws SQLException, UsageStoreException {
        Map<String, List<Range>> broken = new TreeMap<>();
        plan.brokenQuarters()
                .forEach((tenant, quarters) -> broken.put(
                        tenant,
                        quarters.stream()
                                .map(quarter -> new Range(Unit.QUARTER, quarter, quarter + 1))
                                .toList()));
        if (!broken.isEmpty()) {
            read(
                    select().then(spans(broken))
                            .then(CALLS_OF_SPANS)
                            .then(ReportSql.where(null, Window.ALWAYS, filters)),
                    use);
        }
    }

    private void read(Sql sql, CallUse use) throws SQLException, UsageStoreException {
        try (PreparedStatement statement = deadline.prepare(sql)) {
            statement.setFetchSize(CALLS_FETCHED);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    deadline.check();
                    Instant start = Sql.instant(rows, CallSelect.FIRST_ADDED);
                    use.of(CallSelect.tenant(rows), Unit.quarter(start), CallSelect.call(null, rows));
                }
            }
        }
    }

    private void keep(String tenant, int quarter, LooseCall call) throws ReportTooLargeException {
        memory.takeForJoins(CALL_BYTES);
        calls.computeIfAbsent(tenant, any -> new ArrayList<>()).add(call);
    }

    /**
     * If all calls of an id were dropped, a later call with this id is a new invocation. Such an id has no entry from before
     * {@code keptFrom} in {@code tokentally_rollup_ids}. Its calls in the rollups get another id here, so that they are not joined
     * with the later call.
     */
    private void renameDropped(String tenant) throws SQLException {
        Set<UUID> gone = dropped.stream().map(LooseCall::callId).collect(Collectors.toSet());
        if (gone.isEmpty()) {
            return;
        }
        Sql sql = Sql.of(
                "select distinct known.call_id from unnest(?) as asked (call_id) join tokentally_rollup_ids known"
                        + " on known.call_id = asked.call_id where known.tenant_id = ? and known.starts < ?",
                connection.createArrayOf("uuid", gone.toArray()),
                tenant,
                Unit.quarter(keptFrom));
        try (PreparedStatement statement = deadline.prepare(sql)) {
            statement.setFetchSize(CALLS_FETCHED);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    gone.remove(rows.getObject(1, UUID.class));
                }
            }
        }
        dropped.replaceAll(call -> gone.contains(call.callId())
                ? new LooseCall(call.callId(), call.combination(), call.call().withCallId(call.callId() + "'"))
                : call);
    }

    private interface CallUse {
        void of(String tenant, int quarter, LooseCall call) throws UsageStoreException;
    }

    /** Takes the sums of calls that started in one interval. */
    interface SumsByInterval {
        void add(int quarter, String tenant, Combination combination, SeriesFigures sums)
                throws ReportTooLargeException;
    }
}
