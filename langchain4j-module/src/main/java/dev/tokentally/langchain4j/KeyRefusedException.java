package dev.tokentally.langchain4j;

/** The provider refuses the API key (HTTP 401 or 403). */
public final class KeyRefusedException extends PermanentModelException {

    private static final long serialVersionUID = 1L;

    KeyRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
