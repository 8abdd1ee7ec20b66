package dev.tokentally.usage;

import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;

/**
 * What a series shall show.
 *
 * @param window which calls; where it is open, the series begins with the first call, or ends with the last
 * @param bucket how time is cut
 * @param zone whose clocks and calendar count
 * @param group what each bucket is split by; null when by nothing
 * @param filters which calls, by the value that they have; the empty value stands for the calls that have none
 */
public record SeriesQuery(Window window, Bucket bucket, ZoneId zone, Dimension group, Map<Dimension, String> filters) {

    /** How many buckets a series may have. */
    public static final int MAX_BUCKETS = 10_000;

    /**
     * Refuses what cannot be asked.
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
     * Of all calls in the window.
     *
     * @param window which calls
     * @param bucket how time is cut
     * @param zone whose clocks and calendar count
     * @param group what each bucket is split by; null when by nothing
     */
    public SeriesQuery(Window window, Bucket bucket, ZoneId zone, Dimension group) {
        this(window, bucket, zone, group, Map.of());
    }
}
