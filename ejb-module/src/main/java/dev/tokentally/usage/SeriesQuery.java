package dev.tokentally.usage;

import java.time.Instant;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Which calls a series shows, and how it divides them.
 *
 * @param window the time in which the calls started; at an open end the series begins with the first call or ends with
 *     the last
 * @param bucket how time is cut
 * @param zone the time zone whose clocks and calendar count
 * @param group the dimension that divides each bucket; null for none
 * @param filters the value that calls must have in a dimension; the empty value selects the calls without one
 */
public record SeriesQuery(Window window, Bucket bucket, ZoneId zone, Dimension group, Map<Dimension, String> filters) {

    /** How many buckets a series may have. */
    public static final int MAX_BUCKETS = 10_000;

    /**
     * Refuses a query with a missing part.
     *
     * @throws NullPointerException when anything but the group is null; the message names it
     */
    public SeriesQuery {
        Objects.requireNonNull(window, "window");
        Objects.requireNonNull(bucket, "bucket");
        Objects.requireNonNull(zone, "zone");
        filters = Map.copyOf(filters);
    }

    /**
     * A query for all calls in a window.
     *
     * @param window the time in which the calls started
     * @param bucket how time is cut
     * @param zone the time zone whose clocks and calendar count
     * @param group the dimension that divides each bucket; null for none
     */
    public SeriesQuery(Window window, Bucket bucket, ZoneId zone, Dimension group) {
        this(window, bucket, zone, group, Map.of());
    }

    /**
     * From when on the answer has calls, if it needs calls from before. It needs them if it groups or filters by user,
     * session or tag, and if an end of the window cuts a quarter of an hour before that instant.
     *
     * @param keptFrom from when on calls are kept; null if none were dropped
     * @return that instant, or null if the answer is complete
     */
    public Instant callsKeptFrom(Instant keptFrom) {
        Set<Dimension> used = new HashSet<>(filters.keySet());
        if (group != null) {
            used.add(group);
        }
        return window.callsKeptFrom(keptFrom, used);
    }
}
