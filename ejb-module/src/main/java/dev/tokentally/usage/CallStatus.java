package dev.tokentally.usage;

import java.util.Locale;

/** How a call attempt ended. */
public enum CallStatus {
    /** The call returned. */
    OK,
    /** The call threw an exception. */
    ERROR;

    /**
     * The name under which it is stored and reported.
     *
     * @return {@code ok} or {@code error}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The reverse of {@link #label()}.
     *
     * @param label a stored name
     * @return the status
     * @throws IllegalArgumentException when no status has this name
     */
    public static CallStatus ofLabel(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
