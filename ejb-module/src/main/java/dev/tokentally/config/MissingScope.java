package dev.tokentally.config;

/** What happens to a call that is made without a call scope. */
public enum MissingScope {
    /** It is refused before the model is asked, so that the fault shows where it was made. */
    FAIL("fail"),
    /** It goes through unrecorded, with an ERROR in the log. */
    PASS_THROUGH("pass-through");

    private final String label;

    MissingScope(String label) {
        this.label = label;
    }

    static MissingScope ofLabel(String label) {
        for (MissingScope choice : values()) {
            if (choice.label.equals(label)) {
                return choice;
            }
        }
        throw new IllegalArgumentException(label);
    }
}
