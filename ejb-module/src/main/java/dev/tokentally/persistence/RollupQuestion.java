package dev.tokentally.persistence;

import dev.tokentally.persistence.RollupPlan.Range;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A question to the rollups: for a report, or for a series.
 *
 * @param tenantId the tenant; null for all
 * @param asked the dimensions that are needed of a call
 * @param edges the edges of a series; null for a report
 */
record RollupQuestion(
        String tenantId, Window window, Map<Dimension, String> filters, Set<Dimension> asked, List<Instant> edges) {

    /** More parts of a window make a statement too long. */
    static final int MANY_RANGES = 1000;

    /** A question whose filter may name a tenant, too. */
    static RollupQuestion of(
            String tenantId, Window window, Map<Dimension, String> filters, Set<Dimension> asked, List<Instant> edges) {
        String filtered = filters.get(Dimension.TENANT);
        if (filtered == null || tenantId != null && !tenantId.equals(filtered)) {
            return new RollupQuestion(tenantId, window, filters, asked, edges);
        }
        Map<Dimension, String> others = new HashMap<>(filters);
        others.remove(Dimension.TENANT);
        return new RollupQuestion(filtered, window, others, asked, edges);
    }

    /** Whether rollups can answer it. */
    boolean isInRollups() {
        return Combination.knows(asked)
                && Combination.knows(filters.keySet())
                && !filters.containsKey(Dimension.TENANT);
    }

    /**
     * The intervals that are taken from rollups. For a series the database sums up calls, which is faster than to read their
     * quarters, as long as the calls are there.
     */
    List<Range> ranges(int closed, RollupState state) {
        int kept = state.kept();
        List<Range> ranges = new ArrayList<>();
        if (edges == null) {
            // Kept and dropped calls have different call ids, so no interval may contain both kinds.
            ranges.addAll(RollupPlan.cover(window.from(), window.to(), Math.min(kept, closed)));
            Instant from = KeptFrom.later(window.from(), state.keptFrom());
            ranges.addAll(RollupPlan.cover(from, window.to(), closed));
            return ranges;
        }
        for (int i = 1; i < edges.size(); i++) {
            Instant from = KeptFrom.later(edges.get(i - 1), window.from());
            Instant to = window.to() == null || edges.get(i).isBefore(window.to()) ? edges.get(i) : window.to();
            if (from.isBefore(to)) {
                for (Range range : RollupPlan.cover(from, to, closed)) {
                    if (range.unit() != Unit.QUARTER || range.from() < kept) {
                        addTo(ranges, range);
                    }
                }
            }
        }
        return ranges.size() > MANY_RANGES && kept == Integer.MIN_VALUE ? List.of() : ranges;
    }

    private static void addTo(List<Range> ranges, Range next) {
        int last = ranges.size() - 1;
        if (last >= 0
                && ranges.get(last).unit() == next.unit()
                && ranges.get(last).to() == next.from()) {
            ranges.set(last, new Range(next.unit(), ranges.get(last).from(), next.to()));
        } else {
            ranges.add(next);
        }
    }
}
