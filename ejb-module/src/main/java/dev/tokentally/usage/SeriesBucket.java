package dev.tokentally.usage;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A bucket of a series. Calls outside the query's window are in no bucket, also where the first or last reaches beyond it.
 *
 * @param start its first instant
 * @param end the first instant after it
 * @param figures of all its calls; zeros when there is none
 * @param groups the same by what was asked for, dearest first, then by name; without those that have no call in it
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
     * @param name which value of the dimension; null for the calls that have none
     * @param figures of its calls
     */
    public record Group(String name, SeriesFigures figures) {}
}
