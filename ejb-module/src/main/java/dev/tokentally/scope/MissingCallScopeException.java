package dev.tokentally.scope;

/**
 * Thrown when code asks for the call scope and none was entered. It is a mistake of the application, which has no {@link
 * LlmOperation} or {@link CallScope#enter} around its work.
 */
public class MissingCallScopeException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /**
     * With a message that says what to do.
     *
     * @param message what was asked for, and how to enter a scope
     */
    public MissingCallScopeException(String message) {
        super(message);
    }
}
