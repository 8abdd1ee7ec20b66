package dev.tokentally.usage;

import java.time.Instant;
import java.util.Collection;

/**
 * A span of time. A call is in it if it started in it.
 *
 * @param from the first instant in the span; null if the span has no beginning
 * @param to the first instant after the span; null if the span has no end
 */
public record Window(Instant from, Instant to) {

    /** All of time. */
    public static final Window ALWAYS = new Window(null, null);

    private static final int QUARTER_SECONDS = 900;
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

    /**
     * From when on an answer from calls alone has calls of this window.
     *
     * @param keptFrom from when on calls are kept; null if none were dropped
     * @return that instant if the window begins before it, else null
     */
    public Instant callsKeptFrom(Instant keptFrom) {
        return keptFrom != null && (from == null || from.isBefore(keptFrom)) ? keptFrom : null;
    }

    /**
     * The same for an answer that the rollups give. It needs calls only for a quarter of an hour that is cut by an end of
     * the window.
     *
     * @param keptFrom from when on calls are kept; null if none were dropped
     * @param dimensions by which the answer groups and filters
     * @return that instant if the answer needs calls from before, else null
     */
    Instant callsKeptFrom(Instant keptFrom, Collection<Dimension> dimensions) {
        boolean needsCalls = dimensions.stream().anyMatch(dimension -> !dimension.isInRollups())
                || isCutBefore(from, keptFrom)
                || isCutBefore(to, keptFrom);
        return needsCalls ? callsKeptFrom(keptFrom) : null;
    }

    private static boolean isCutBefore(Instant end, Instant keptFrom) {
        return end != null
                && keptFrom != null
                && end.isBefore(keptFrom)
                && (end.getNano() != 0 || Math.floorMod(end.getEpochSecond(), QUARTER_SECONDS) != 0);
    }
}
