package dev.tokentally.usage;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Which calls a report covers, and how it groups them.
 *
 * <pre>{@code
 * new UsageQuestion("acme", lastMonth)
 *         .where(Dimension.OPERATION, "summarise")
 *         .by(Dimension.MODEL)
 * }</pre>
 *
 * @param tenantId the tenant whose calls are wanted; null for all tenants
 * @param window the time in which the calls started
 * @param filters the value that calls must have in a dimension; the empty value selects the calls without one
 * @param dimensions the dimensions to group by, the second within the first; empty for the total alone
 */
public record UsageQuestion(
        String tenantId, Window window, Map<Dimension, String> filters, List<Dimension> dimensions) {

    /** How many dimensions a report may have. */
    public static final int MAX_DIMENSIONS = 2;

    /**
     * Copies the collections, and refuses questions that cannot be answered.
     *
     * @throws NullPointerException when anything but the tenant is null
     * @throws IllegalArgumentException when there are too many dimensions, or one occurs twice
     */
    public UsageQuestion {
        Objects.requireNonNull(window, "window");
        filters = Map.copyOf(filters);
        dimensions = List.copyOf(dimensions);
        if (dimensions.size() > MAX_DIMENSIONS) {
            throw new IllegalArgumentException("dimensions must be at most " + MAX_DIMENSIONS);
        }
        if (dimensions.stream().distinct().count() < dimensions.size()) {
            throw new IllegalArgumentException("dimensions must not have the same one twice");
        }
    }

    /**
     * Asks for the total of all calls in a window.
     *
     * @param tenantId the tenant whose calls are wanted; null for all tenants
     * @param window the time in which the calls started
     */
    public UsageQuestion(String tenantId, Window window) {
        this(tenantId, window, Map.of(), List.of());
    }

    /**
     * The same question, restricted to calls with a value.
     *
     * @param dimension the dimension of the value
     * @param value the value; empty for the calls without one
     * @return a copy
     */
    public UsageQuestion where(Dimension dimension, String value) {
        Map<Dimension, String> more = new HashMap<>(filters);
        more.put(dimension, value);
        return new UsageQuestion(tenantId, window, more, dimensions);
    }

    /**
     * The same question, with other groups.
     *
     * @param groups the dimensions to group by, the second within the first
     * @return a copy
     * @throws IllegalArgumentException when there are too many, or one occurs twice
     */
    public UsageQuestion by(Dimension... groups) {
        return new UsageQuestion(tenantId, window, filters, List.of(groups));
    }

    /**
     * From when on the answer has calls, if it needs calls from before. It needs them if it groups or filters by user,
     * session or tag. It also needs them if an end of the window cuts a quarter of an hour before that instant.
     *
     * @param keptFrom from when on calls are kept; null if none were dropped
     * @return that instant, or null if the answer is complete
     */
    public Instant callsKeptFrom(Instant keptFrom) {
        Set<Dimension> used = new HashSet<>(filters.keySet());
        used.addAll(dimensions);
        return window.callsKeptFrom(keptFrom, used);
    }
}
