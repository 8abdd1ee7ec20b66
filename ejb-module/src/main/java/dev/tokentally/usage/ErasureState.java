package dev.tokentally.usage;

import java.util.Locale;

/** How the erasing of a user is doing. */
public enum ErasureState {
    /** The user's rows get a pseudonym. */
    RUNNING,
    /** The rows that are there have it. It waits until no node can write the name any more, and then looks once more. */
    WAITING,
    /** No row has the name, and none will get it for a call that began before. */
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
     * The state of a name.
     *
     * @param label as {@link #label} has it
     * @return the state; running for a name that only a newer release knows
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
