package dev.tokentally.config;

import java.util.Arrays;
import java.util.Locale;

/** What is recorded of the users for whom calls are made. */
public enum UserNames {
    /** Nothing. */
    OFF,
    /** A pseudonym. Only somebody with the key can compute it from a name. */
    HASHED,
    /** The name as it is given. */
    PLAIN;

    /**
     * The value in the configuration.
     *
     * @return {@code off}, {@code hashed} or {@code plain}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static UserNames ofLabel(String label) {
        return Arrays.stream(values())
                .filter(names -> names.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(label));
    }
}
