package dev.tokentally.langchain4j;

/** The provider knows no such model, or nothing answers at this address (HTTP 404). */
public final class UnknownModelException extends PermanentModelException {

    private static final long serialVersionUID = 1L;

    UnknownModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
