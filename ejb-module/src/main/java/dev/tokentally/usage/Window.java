package dev.tokentally.usage;

import java.time.Instant;

/**
 * A span of time. A call is in it if it started in it.
 *
 * @param from the first instant in the span; null if the span has no beginning
 * @param to the first instant after the span; null if the span has no end
 */
public record Window(Instant from, Instant to) {

    /** All of time. */
    public static final Window ALWAYS = new Window(null, null);

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    /**
     * Refuses impossible windows.
     *
     * @throws IllegalArgumentException when an end is not in the years 1 to 9999, or {@code to} is not after {@code
     *     from}; the message begins with the name of the end
     */
    public Window {
        inRange("from", from);
        inRange("to", to);
        if (from != null && to != null && !to.isAfter(from)) {
            throw new IllegalArgumentException("to must be after from");
        }
    }

    static void inRange(String name, Instant end) {
        if (end != null && (end.isBefore(FIRST) || end.isAfter(LAST))) {
            throw new IllegalArgumentException(name + " must be in the years 1 to 9999");
        }
    }
}
