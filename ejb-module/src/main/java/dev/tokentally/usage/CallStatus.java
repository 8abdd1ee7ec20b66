package dev.tokentally.usage;

import java.util.Locale;

/** How a call attempt ended. */
public enum CallStatus {
    /** It returned. */
    OK,
    /** It threw. */
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
     * @throws IllegalArgumentException when no status is called so
     */
    public static CallStatus ofLabel(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
