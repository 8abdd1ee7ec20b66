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

    static UserNames ofLabel(String label) {
        return Arrays.stream(values())
                .filter(names -> names.name().toLowerCase(Locale.ROOT).equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(label));
    }
}
