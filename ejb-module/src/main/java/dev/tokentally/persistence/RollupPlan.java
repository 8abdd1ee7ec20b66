package dev.tokentally.persistence;

import dev.tokentally.usage.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which part of a window a report takes from rollups, and which from the calls. The longest intervals that fit are taken. Single
 * tenants may have intervals whose rollup is not up to date; for these tenants, shorter intervals replace the interval, and the calls
 * replace a quarter.
 */
final class RollupPlan {

    private final Window window;
    private final Instant keptFrom;
    /** By their starts. No two of them have an interval in common. */
    private final NavigableMap<Integer, Range> ranges = new TreeMap<>();

    private final Map<String, Set<Integer>> quarters = new HashMap<>();
    private final Map<String, Set<Integer>> months = new HashMap<>();

    /**
     * Plans for a window.
     *
     * @param ranges the intervals that are taken from rollups, in order
     * @param keptFrom calls before it are no longer there; null if all are
     */
    RollupPlan(Window window, List<Range> ranges, Instant keptFrom) {
        this.window = window;
        ranges.forEach(range -> this.ranges.put(range.from, range));
        this.keptFrom = keptFrom;
    }

    /**
     * The longest intervals that lie in a span of time, in order.
     *
     * @param from its start; null for an open one
     * @param to its end; null for an open one
     * @param closed the first quarter without a rollup
     */
    static List<Range> cover(Instant from, Instant to, int closed) {
        int first = from == null ? Unit.FIRST : Unit.quarter(from);
        int begin = from == null || !Unit.instant(first).isBefore(from) ? first : first + 1;
        int end = Math.min(to == null ? Unit.LAST : Unit.quarter(to), closed);
        List<Range> ranges = new ArrayList<>();
        cover(Unit.MONTH, begin, end, ranges);
        return ranges;
    }

    private static void cover(Unit unit, int from, int to, List<Range> ranges) {
        if (from >= to) {
            return;
        }
        int first = unit.firstFrom(from);
        int last = unit.start(to);
        if (unit == Unit.QUARTER) {
            ranges.add(new Range(unit, from, to));
        } else if (first >= last) {
            cover(unit.finer(), from, to, ranges);
        } else {
            cover(unit.finer(), from, first, ranges);
            ranges.add(new Range(unit, first, last));
            cover(unit.finer(), last, to, ranges);
        }
    }

    /** Whether no interval is taken from rollups. */
    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** The intervals that are taken from rollups for every tenant without exceptions (see {@link #repairs}). */
    List<Range> ranges() {
        return List.copyOf(ranges.values());
    }

    /** Whether an interval is one of {@link #ranges}. */
    boolean takes(Interval interval) {
        Range range = rangeOf(interval.starts);
        return range != null && range.unit == interval.unit;
    }

    /** Null if the quarter is not taken from rollups. */
    private Range rangeOf(int quarter) {
        Map.Entry<Integer, Range> before = ranges.floorEntry(quarter);
        return before != null && before.getValue().has(quarter) ? before.getValue() : null;
    }

    /** The spans of time whose calls are read, for all tenants. */
    List<Window> spans() {
        List<Window> spans = new ArrayList<>();
        Instant from = window.from();
        for (Range range : ranges.values()) {
            addSpan(from, Unit.instant(range.from), spans);
            from = Unit.instant(range.to);
        }
        addSpan(from, window.to(), spans);
        return spans;
    }

    private void addSpan(Instant from, Instant to, List<Window> spans) {
        Instant kept = KeptFrom.later(from, keptFrom);
        if (to == null || kept == null || kept.isBefore(to)) {
            spans.add(new Window(kept, to));
        }
    }

    /** The rollup of a quarter is not up to date. */
    void breakQuarter(String tenant, int quarter) {
        if (rangeOf(quarter) != null) {
            quarters.computeIfAbsent(tenant, any -> new TreeSet<>()).add(quarter);
        }
    }

    /** The rollup of a month is not up to date, but those of its days are. */
    void breakMonth(String tenant, int month) {
        if (rangeOf(month) != null) {
            months.computeIfAbsent(tenant, any -> new TreeSet<>()).add(month);
        }
    }

    /** The quarters of a tenant whose calls are read instead. */
    Map<String, Set<Integer>> brokenQuarters() {
        return quarters;
    }

    /** What replaces the intervals of each tenant that are not up to date. */
    Map<String, Repair> repairs() {
        Map<String, Repair> repairs = new HashMap<>();
        Set<String> tenants = new HashSet<>(quarters.keySet());
        tenants.addAll(months.keySet());
        for (String tenant : tenants) {
            Repair repair = new Repair(new HashSet<>(), new ArrayList<>());
            NavigableSet<Integer> broken = new TreeSet<>(quarters.getOrDefault(tenant, Set.of()));
            for (int quarter : broken) {
                Unit unit = rangeOf(quarter).unit;
                repair.without.add(new Interval(unit, unit.start(quarter)));
            }
            for (int month : months.getOrDefault(tenant, Set.of())) {
                Interval interval = new Interval(Unit.MONTH, month);
                if (takes(interval)) {
                    repair.without.add(interval);
                }
            }
            repair.without.forEach(interval -> addFiner(interval, broken, repair.instead));
            repairs.put(tenant, repair);
        }
        return repairs;
    }

    private static void addFiner(Interval interval, NavigableSet<Integer> broken, List<Range> to) {
        if (interval.unit == Unit.QUARTER) {
            return;
        }
        Unit finer = interval.unit.finer();
        int end = interval.unit.end(interval.starts);
        int from = interval.starts;
        for (int part = from; part < end; part = finer.end(part)) {
            Integer next = broken.ceiling(part);
            if (next != null && next < finer.end(part)) {
                if (from < part) {
                    to.add(new Range(finer, from, part));
                }
                addFiner(new Interval(finer, part), broken, to);
                from = finer.end(part);
            }
        }
        if (from < end) {
            to.add(new Range(finer, from, end));
        }
    }

    /** The intervals of a unit from a quarter on, before another. */
    record Range(Unit unit, int from, int to) {
        boolean has(int quarter) {
            return quarter >= from && quarter < to;
        }
    }

    /** One interval. */
    record Interval(Unit unit, int starts) {}

    /**
     * How a tenant differs from the plan.
     *
     * @param without the intervals of the plan whose rollups are not used for the tenant
     * @param instead the rollups that are used instead, in addition to the calls of some quarters
     */
    record Repair(Set<Interval> without, List<Range> instead) {}
}
