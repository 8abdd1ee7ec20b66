package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The figures of a tenant's calls in an interval, for each combination. If all calls of an invocation lie in the interval and have
 * the same combination, the invocation is part of the sums and distributions. The calls of all other invocations are kept one by
 * one, since only a report knows how to join them. If all calls of such an invocation lie in the interval, they are kept together.
 * If it has calls in other intervals, each call is kept with its call id.
 *
 * <p>A cell takes its memory from what it is given, and throws when that is used up. It is then of no use.
 */
final class Cell {

    /** A cell with another version number cannot be read. The calls are read instead. */
    private static final int VERSION = 1;

    /** Stands for a cell that would be too large. The finer cells of its interval, or the parts of its quarter, have the figures. */
    private static final byte[] SPLIT = {'s', 'p', 'l', 'i', 't'};

    /**
     * The parts of the cells of quarters have this number and the following ones in the place of the unit. Older releases have stored
     * such parts, so it never changes, and every {@link Unit#code} is less.
     */
    static final int FIRST_PART = 3;

    /** The memory of a call that is kept by itself, with the copies that are made of it when calls are joined and written. */
    private static final int CALL_BYTES = 500;

    /** The memory of a combination with its figures, without the contents of the distributions and without texts. */
    private static final int PART_BYTES = 1500;

    private final ReportMemory memory;
    private final Map<Combination, Part> parts = new LinkedHashMap<>();
    private final List<List<LooseCall>> mixed = new ArrayList<>();
    private final List<LooseCall> loose = new ArrayList<>();

    Cell(ReportMemory memory) {
        this.memory = memory;
    }

    /** Adds an invocation that lies in the interval with all of its calls, which have one combination. */
    void addInvocation(Combination combination, List<ReportedCall> calls) throws ReportTooLargeException {
        Part part = part(combination);
        for (ReportedCall call : calls) {
            part.cost = part.cost.add(call.cost());
        }
        if (calls.size() == 1) {
            calls.get(0).addTo(part.singles);
            return;
        }
        for (ReportedCall call : calls) {
            call.addTo(part.calls);
        }
        ReportedCall.joined(calls).addTo(part.invocations);
    }

    /** Adds an invocation that lies in the interval with all of its calls, which differ in their combination. */
    void addMixed(List<LooseCall> calls) throws ReportTooLargeException {
        List<LooseCall> kept = new ArrayList<>();
        for (LooseCall call : calls) {
            kept.add(kept(call));
        }
        mixed.add(kept);
    }

    /** Adds a call whose invocation has calls elsewhere. */
    void addLoose(LooseCall call) throws ReportTooLargeException {
        loose.add(kept(call));
    }

    /** The call with the combination that the cell has already, since each row of a table has texts of its own. */
    private LooseCall kept(LooseCall call) throws ReportTooLargeException {
        memory.take(CALL_BYTES);
        return new LooseCall(call.callId, part(call.combination).combination, call.call);
    }

    /** The calls whose invocations have calls elsewhere. They are no longer in the cell. */
    List<LooseCall> takeLoose() {
        List<LooseCall> taken = List.copyOf(loose);
        memory.giveBack((long) CALL_BYTES * loose.size());
        loose.clear();
        return taken;
    }

    /** The call id that most of the calls have whose invocations have calls elsewhere, and the number of these calls. */
    Optional<Map.Entry<UUID, Integer>> commonestId() {
        Map<UUID, Integer> calls = new HashMap<>();
        loose.forEach(call -> calls.merge(call.callId, 1, Integer::sum));
        return calls.entrySet().stream().max(Map.Entry.comparingByValue());
    }

    /** Adds all that another cell has, as {@link #bytes} wrote it. */
    void addAll(byte[] other) throws ReportTooLargeException, SQLException {
        read(other, new Reader() {
            private final List<LooseCall> invocation = new ArrayList<>();

            @Override
            public Target target(Combination combination) throws ReportTooLargeException {
                Part part = part(combination);
                return new Target(
                        new Tally[] {part.singles},
                        new Tally[] {part.calls},
                        new Tally[] {part.invocations},
                        cost -> part.cost = part.cost.add(cost));
            }

            @Override
            public void addMixed(Combination combination, CellCall call) {
                invocation.add(new LooseCall(null, combination, call.reported("")));
            }

            @Override
            public void endMixed() throws ReportTooLargeException {
                Cell.this.addMixed(invocation);
                invocation.clear();
            }

            @Override
            public void addLoose(LooseCall call) throws ReportTooLargeException {
                Cell.this.addLoose(call);
            }
        });
    }

    private Part part(Combination combination) throws ReportTooLargeException {
        Part part = parts.get(combination);
        if (part == null) {
            memory.take(PART_BYTES);
            for (String value : combination.values()) {
                memory.take(value == null ? "" : value, 0);
            }
            part = new Part(combination, memory);
            parts.put(combination, part);
        }
        return part;
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    /** Whether there is no cell, but there are finer ones or parts, since it would be too large. */
    static boolean isSplit(byte[] cell) {
        return Arrays.equals(cell, SPLIT);
    }

    /** What stands for a cell that is too large. */
    static byte[] split() {
        return SPLIT.clone();
    }

    /** Its compact form. */
    byte[] bytes() {
        Map<Combination, Integer> places = new LinkedHashMap<>();
        parts.keySet().forEach(combination -> places.put(combination, places.size()));
        CellWriter out = new CellWriter();
        out.number(VERSION);
        out.number(Combination.COLUMNS.size());
        out.number(parts.size());
        for (Part part : parts.values()) {
            part.combination.values().forEach(out::text);
            part.writeTo(out);
        }
        out.number(mixed.size());
        for (List<LooseCall> calls : mixed) {
            out.number(calls.size());
            for (LooseCall each : calls) {
                out.number(places.get(each.combination));
                each.call.writeTo(out);
            }
        }
        out.number(loose.size());
        for (LooseCall each : loose) {
            out.id(each.callId);
            out.number(places.get(each.combination));
            each.call.writeTo(out);
        }
        return out.bytes();
    }

    /**
     * Reads a cell.
     *
     * @throws UnreadableCellException if this release cannot read it
     */
    static void read(byte[] bytes, Reader reader) throws ReportTooLargeException, UnreadableCellException {
        try {
            read(new CellReader(bytes), bytes.length, reader);
        } catch (RuntimeException e) {
            throw new UnreadableCellException(e);
        }
    }

    private static void read(CellReader in, int length, Reader reader)
            throws ReportTooLargeException, UnreadableCellException {
        if (in.number() != VERSION || in.number() != Combination.COLUMNS.size()) {
            throw new UnreadableCellException(null);
        }
        int number = in.count();
        if (number > length) {
            throw new UnreadableCellException(null);
        }
        Combination[] combinations = new Combination[number];
        for (int i = 0; i < combinations.length; i++) {
            combinations[i] = Combination.read(in);
            Target target = reader.target(combinations[i]);
            BigDecimal cost = in.cost();
            Tally.read(in, target.singles);
            if (in.number() == 1) {
                Tally.read(in, target.calls);
                Tally.read(in, target.invocations);
            }
            target.cost.add(cost);
        }
        CellCall call = new CellCall();
        for (int left = in.count(); left > 0; left--) {
            for (int calls = in.count(); calls > 0; calls--) {
                Combination combination = combinations[in.count()];
                call.read(in);
                reader.addMixed(combination, call);
            }
            reader.endMixed();
        }
        for (int left = in.count(); left > 0; left--) {
            UUID callId = in.id();
            Combination combination = combinations[in.count()];
            call.read(in);
            reader.addLoose(new LooseCall(callId, combination, call.reported(callId.toString())));
        }
    }

    /**
     * A call that is kept by itself.
     *
     * @param callId null if its invocation is kept together
     */
    record LooseCall(UUID callId, Combination combination, ReportedCall call) {}

    /** Takes what is read from a cell. */
    interface Reader {

        /** Where the figures of the combination go. */
        Target target(Combination combination) throws ReportTooLargeException;

        /** Takes the next call of an invocation that has all of its calls in the cell. */
        void addMixed(Combination combination, CellCall call) throws ReportTooLargeException;

        /** The next call is of another invocation. */
        default void endMixed() throws ReportTooLargeException {}

        /** Takes a call of an invocation that has calls elsewhere. */
        void addLoose(LooseCall call) throws ReportTooLargeException;
    }

    /**
     * Where figures are added.
     *
     * @param singles those of the invocations that consist of one call, which are the figures of these calls too
     * @param calls those of the calls of all other invocations
     * @param invocations those of these invocations
     * @param cost takes the cost of all of these calls, after their figures
     */
    record Target(Tally[] singles, Tally[] calls, Tally[] invocations, CostUse cost) {

        static final Target NONE = new Target(new Tally[0], new Tally[0], new Tally[0], cost -> {});
    }

    /** Takes a cost. */
    interface CostUse {
        void add(BigDecimal cost) throws ReportTooLargeException;
    }

    private static final class Part {

        private final Combination combination;
        private final Tally singles;
        private final Tally calls;
        private final Tally invocations;
        private BigDecimal cost = BigDecimal.ZERO;

        Part(Combination combination, ReportMemory memory) {
            this.combination = combination;
            singles = new Tally(memory);
            calls = new Tally(memory);
            invocations = new Tally(memory);
        }

        void writeTo(CellWriter out) {
            out.cost(cost);
            singles.writeTo(out);
            if (calls.isEmpty()) {
                out.number(0);
            } else {
                out.number(1);
                calls.writeTo(out);
                invocations.writeTo(out);
            }
        }
    }
}
