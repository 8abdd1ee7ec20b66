package dev.tokentally.usage;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A bucket of a series. The first and the last bucket may reach beyond the query's window, but they contain no calls
 * from outside it.
 *
 * @param start its first instant
 * @param end the first instant after it
 * @param figures the figures of all its calls; zeros if there is none
 * @param groups the figures of each group with at least one call, by descending cost, then by name
 */
public record SeriesBucket(Instant start, Instant end, SeriesFigures figures, List<Group> groups) {

    /**
     * Takes a copy of the groups.
     *
     * @throws NullPointerException when something is null
     */
    public SeriesBucket {
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(end, "end");
        Objects.requireNonNull(figures, "figures");
        groups = List.copyOf(groups);
    }

    /**
     * A part of a bucket.
     *
     * @param name the value of the dimension; null for the calls without one
     * @param figures the figures of its calls
     */
    public record Group(String name, SeriesFigures figures) {}
}
