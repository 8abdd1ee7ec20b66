package dev.tokentally.persistence;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.UsageBlock;
import dev.tokentally.usage.UsageReport;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A report while it is made. It gets the calls of {@link ReportSql#figures} one by one, and then has the figures of each group.
 *
 * <p>A call is added only to the innermost group, which is later added to the groups around it. A group within a tenant is summed
 * up after the tenant's last call, so that only its figures are kept.
 */
final class Grouping {

    /**
     * All calls of an invocation have the same value of these dimensions. With any other, an invocation may be in several groups,
     * and the invocations of a group are not the sum of those within it.
     */
    private static final Set<Dimension> OF_INVOCATIONS = Set.of(Dimension.TENANT, Dimension.OPERATION);

    private final List<Dimension> dimensions;
    private final List<Dimension> names;
    private final int tenantColumn;
    private final int operationColumn;
    private final boolean invocationsAddUp;
    private final ReportMemory memory;
    private final Invocations invocations = new Invocations();
    private final String[] values;

    /** Groups that are not summed up yet, in the order in which they were made. A group comes before the groups within it. */
    private final List<Group> open = new ArrayList<>();

    private final List<Group> openWithinTenant = new ArrayList<>();

    private final Group total;

    /** The groups by the second dimension, over all values of the first. */
    private final Map<String, Group> seconds = new HashMap<>();

    private String tenant;
    private String callId;

    /**
     * Begins without calls.
     *
     * @param dimensions what to group by
     * @param ofAllTenants whether the calls may be of several tenants
     * @param memory what the report takes its memory from
     */
    Grouping(List<Dimension> dimensions, boolean ofAllTenants, ReportMemory memory) throws ReportTooLargeException {
        this.dimensions = dimensions;
        this.names = new ArrayList<>(dimensions);
        if (!names.contains(Dimension.OPERATION)) {
            names.add(Dimension.OPERATION);
        }
        if (ofAllTenants && !names.contains(Dimension.TENANT)) {
            names.add(Dimension.TENANT);
        }
        this.values = new String[names.size()];
        this.tenantColumn = names.indexOf(Dimension.TENANT);
        this.operationColumn = names.indexOf(Dimension.OPERATION);
        this.invocationsAddUp = OF_INVOCATIONS.containsAll(dimensions);
        this.memory = memory;
        this.total = new Group(null, List.of(), false);
    }

    /** The values with which a call's row begins. */
    List<Dimension> names() {
        return names;
    }

    /** Adds a call. Calls come ordered by tenant and call id. */
    void add(ResultSet row) throws SQLException, ReportTooLargeException {
        ReportedCall call = ReportedCall.read(row, values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = names.get(i).valueIn(row.getString(i + 1));
        }
        if (tenantColumn >= 0) {
            moveTo(values[tenantColumn]);
        }
        add(call, group(), values[operationColumn]);
    }

    /** Adds a call that is kept by itself. The same order holds, after the figures of the tenant's cells. */
    void add(String ofTenant, Combination combination, ReportedCall call) throws ReportTooLargeException {
        Place place = place(ofTenant, combination);
        add(call, place.group, place.operation);
    }

    /** Adds a call of an invocation that lies in a cell. {@link #endInvocation} must follow the last one. */
    void add(CellCall call, Place place) throws ReportTooLargeException {
        place.group.block.add(call);
        for (Invocations.Open invocation : place.group.invocations(place.operation)) {
            call.addTo(invocation);
        }
    }

    /** Where a tenant's calls with a combination are added. It is valid until data of another tenant are added. */
    Place place(String ofTenant, Combination combination) throws ReportTooLargeException {
        for (int i = 0; i < values.length; i++) {
            values[i] = i == tenantColumn ? ofTenant : combination.of(names.get(i));
        }
        if (tenantColumn >= 0) {
            moveTo(ofTenant);
        }
        return new Place(group(), values[operationColumn]);
    }

    /** The next call is of another invocation, whatever its call id is. */
    void endInvocation() throws ReportTooLargeException {
        invocations.end();
        callId = null;
    }

    /** Takes the figures of a part of a cell. All cells of a tenant come before its calls. */
    Cell.Target target(Place place) {
        List<Tally> invocations = new ArrayList<>();
        place.group.addInvocationsTo(invocations);
        Block block = place.group.block;
        return new Cell.Target(
                new Tally[] {block.singles},
                new Tally[] {block.calls},
                invocations.toArray(Tally[]::new),
                block.cost::add);
    }

    private void moveTo(String next) throws ReportTooLargeException {
        if (!next.equals(tenant)) {
            endTenant();
            tenant = next;
            callId = null;
        }
    }

    private void add(ReportedCall call, Group group, String operation) throws ReportTooLargeException {
        if (!call.callId().equals(callId)) {
            invocations.end();
            callId = call.callId();
        }
        group.block.add(call);
        for (Invocations.Open invocation : group.invocations(operation)) {
            call.addTo(invocation);
        }
    }

    /** The innermost group of the current row. */
    private Group group() throws ReportTooLargeException {
        if (dimensions.isEmpty()) {
            return total;
        }
        Group first = total.parts.get(values[0]);
        if (first == null) {
            first = new Group(values[0], List.of(total), dimensions.get(0).equals(Dimension.TENANT));
            total.parts.put(values[0], first);
        }
        if (dimensions.size() == 1) {
            return first;
        }
        Group both = first.parts.get(values[1]);
        if (both == null) {
            Group second = seconds.get(values[1]);
            if (second == null) {
                second = new Group(values[1], List.of(), dimensions.get(1).equals(Dimension.TENANT));
                seconds.put(values[1], second);
            }
            both = new Group(values[1], List.of(first, second), dimensions.contains(Dimension.TENANT));
            first.parts.put(values[1], both);
        }
        return both;
    }

    private void endTenant() throws ReportTooLargeException {
        invocations.end();
        sumUp(openWithinTenant);
    }

    private void sumUp(List<Group> groups) throws ReportTooLargeException {
        for (int i = groups.size() - 1; i >= 0; i--) {
            groups.get(i).sumUp();
        }
        groups.clear();
    }

    UsageReport end() throws ReportTooLargeException {
        endTenant();
        sumUp(open);
        return new UsageReport(blocks(total.parts.values()), total.block(blocks(seconds.values())));
    }

    private static List<UsageBlock> blocks(Collection<Group> groups) {
        return groups.stream()
                .map(group -> group.block(blocks(group.parts.values())))
                .sorted(Order.dearestFirst(block -> block.perCall().totalCostUsd(), UsageBlock::name))
                .toList();
    }

    /** A group, and the operation of the calls that are added to it. */
    static final class Place {

        private final Group group;
        private final String operation;

        private Place(Group group, String operation) {
            this.group = group;
            this.operation = operation;
        }
    }

    /** The calls that have the same values. */
    private final class Group {

        /**
         * The memory of its objects. The two views take some 1.1 KB as objects. As JSON they take up to 1.5 KB, and up to three
         * copies of the JSON exist at a time.
         */
        private static final int BYTES = 500 + 1_200 + 3 * 1_500;

        /** The memory of a place for an invocation, with its entries in the table and in the list of open ones. */
        private static final int PLACE = 200;

        private final String name;
        private final List<Group> around;
        private final Map<String, Group> parts = new HashMap<>();
        private final Map<String, Invocations.Open> own = new HashMap<>();

        /** The values are arrays, because an iterator for each call would take too much time. */
        private final Map<String, Invocations.Open[]> all = new HashMap<>();

        private String operation;
        private Invocations.Open[] ofOperation;
        private Block block;
        private Block.Views views;

        Group(String name, List<Group> around, boolean isWithinTenant) throws ReportTooLargeException {
            memory.take(name == null ? "" : name, BYTES);
            this.name = name;
            this.around = around;
            this.block = new Block(memory);
            (isWithinTenant ? openWithinTenant : open).add(this);
        }

        /**
         * The invocations to which a call of the operation is added: that of this group and, if needed, those of the groups around
         * it.
         */
        Invocations.Open[] invocations(String ofCall) throws ReportTooLargeException {
            // Mostly the operation is the same as before, and often there is only one.
            if (!ofCall.equals(operation)) {
                ofOperation = all.get(ofCall);
                if (ofOperation == null) {
                    memory.take(ofCall, PLACE);
                    List<Invocations.Open> found = new ArrayList<>();
                    addInvocations(ofCall, found);
                    ofOperation = found.toArray(Invocations.Open[]::new);
                    all.put(ofCall, ofOperation);
                }
                operation = ofCall;
            }
            return ofOperation;
        }

        private void addInvocations(String ofCall, List<Invocations.Open> to) throws ReportTooLargeException {
            Invocations.Open invocation = own.get(ofCall);
            if (invocation == null) {
                memory.take(PLACE);
                invocation = invocations.of(block.invocations);
                own.put(ofCall, invocation);
            }
            to.add(invocation);
            if (!invocationsAddUp) {
                for (Group group : around) {
                    group.addInvocations(ofCall, to);
                }
            }
        }

        /** Adds to the list all figures that count an invocation of several calls, if all of its calls are in this group. */
        void addInvocationsTo(List<Tally> to) {
            to.add(block.invocations);
            if (!invocationsAddUp) {
                for (Group group : around) {
                    group.addInvocationsTo(to);
                }
            }
        }

        void sumUp() throws ReportTooLargeException {
            for (Group group : around) {
                if (invocationsAddUp) {
                    group.block.addAll(block);
                } else {
                    group.block.addCalls(block);
                }
            }
            views = block.end();
            block = null;
            own.clear();
            all.clear();
            ofOperation = null;
        }

        UsageBlock block(List<UsageBlock> within) {
            return new UsageBlock(name, views.perInvocation(), views.perCall(), within);
        }
    }
}
