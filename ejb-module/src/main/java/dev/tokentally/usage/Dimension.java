package dev.tokentally.usage;

import java.util.Locale;

/** What usage can be grouped by. */
public enum Dimension {
    /** Who pays. */
    TENANT,
    /** What for. */
    OPERATION,
    /** Which model answered; empty when unknown, as for most calls that failed. */
    MODEL;

    /**
     * The name under which it is asked for.
     *
     * @return {@code tenant}, {@code operation} or {@code model}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
