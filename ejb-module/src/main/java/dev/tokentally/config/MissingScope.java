package dev.tokentally.config;

/** What happens to a call that is made without a call scope. */
public enum MissingScope {
    /** The call is refused before the model is asked, so that the mistake shows where it was made. */
    FAIL("fail"),
    /** The call goes through without a record, and an ERROR is logged. */
    PASS_THROUGH("pass-through");

    /** The end of a message about a call without a call scope. */
    public static final String REMEDY =
            "annotate the method that starts the work with @LlmOperation(\"…\"), or enter a scope with"
                    + " CallScope.enter(tenantId, operation). CDI does not intercept a private or static method, nor a method that"
                    + " its own object calls, so an annotation there does not count";

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
