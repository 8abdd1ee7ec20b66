package dev.tokentally.langchain4j;

/** Anything else that a model threw; the cause says what. */
public final class UnexpectedModelException extends PermanentModelException {

    private static final long serialVersionUID = 1L;

    UnexpectedModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
