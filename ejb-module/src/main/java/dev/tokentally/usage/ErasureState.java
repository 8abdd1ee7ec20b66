package dev.tokentally.usage;

import java.util.Locale;

/** The state of erasing a user. */
public enum ErasureState {
    /** Rows of the user are being given the pseudonym. */
    RUNNING,
    /**
     * All present rows have the pseudonym. It waits until no node can write the name any more, and then looks for new
     * rows once more.
     */
    WAITING,
    /** No row has the name, and no row will get it from a call that began before the request. */
    DONE;

    /**
     * The name under which it is stored and reported.
     *
     * @return the name in lower case
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Finds a state by its name.
     *
     * @param label the state's {@link #label}
     * @return the state; {@link #RUNNING} for a name that only a newer release knows
     */
    public static ErasureState ofLabel(String label) {
        for (ErasureState state : values()) {
            if (state.label().equals(label)) {
                return state;
            }
        }
        return RUNNING;
    }
}
