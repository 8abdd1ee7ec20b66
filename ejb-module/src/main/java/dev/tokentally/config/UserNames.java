package dev.tokentally.config;

import java.util.Arrays;
import java.util.Locale;

/** What is recorded of the users whom calls are made for. */
public enum UserNames {
    /** Nothing. */
    OFF,
    /** A pseudonym, which only whoever has the key can tell for a name. */
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
