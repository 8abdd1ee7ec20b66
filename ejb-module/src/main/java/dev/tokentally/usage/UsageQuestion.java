package dev.tokentally.usage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which calls a report is of, and what it groups them by.
 *
 * <pre>{@code
 * new UsageQuestion("acme", lastMonth)
 *         .where(Dimension.OPERATION, "summarise")
 *         .by(Dimension.MODEL)
 * }</pre>
 *
 * @param tenantId whose calls; null for those of all tenants
 * @param window which calls, by when they started
 * @param filters which calls, by the value that they have; the empty value stands for the calls that have none
 * @param dimensions what to group by, the second within the first; none for the total alone
 */
public record UsageQuestion(
        String tenantId, Window window, Map<Dimension, String> filters, List<Dimension> dimensions) {

    /** How many dimensions a report may have. */
    public static final int MAX_DIMENSIONS = 2;

    /**
     * Takes copies, and refuses what cannot be asked.
     *
     * @throws NullPointerException when anything but the tenant is null
     * @throws IllegalArgumentException when there are too many dimensions, or one of them twice
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
     * For the total of all calls in a window.
     *
     * @param tenantId whose calls; null for those of all tenants
     * @param window which calls
     */
    public UsageQuestion(String tenantId, Window window) {
        this(tenantId, window, Map.of(), List.of());
    }

    /**
     * The same of fewer calls.
     *
     * @param dimension which of the call's values
     * @param value what it has to be; empty for the calls that have none
     * @return a copy
     */
    public UsageQuestion where(Dimension dimension, String value) {
        Map<Dimension, String> more = new HashMap<>(filters);
        more.put(dimension, value);
        return new UsageQuestion(tenantId, window, more, dimensions);
    }

    /**
     * The same in groups.
     *
     * @param groups what by, the second within the first
     * @return a copy
     * @throws IllegalArgumentException when there are too many, or one of them twice
     */
    public UsageQuestion by(Dimension... groups) {
        return new UsageQuestion(tenantId, window, filters, List.of(groups));
    }
}
