package dev.tokentally.langchain4j;

/** The provider failed (HTTP 5xx). */
public final class ModelServerErrorException extends TransientModelException {

    private static final long serialVersionUID = 1L;

    ModelServerErrorException(String message, Throwable cause) {
        super(message, cause);
    }
}
