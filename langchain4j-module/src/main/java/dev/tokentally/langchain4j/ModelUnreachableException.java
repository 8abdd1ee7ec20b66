package dev.tokentally.langchain4j;

/**
 * No connection: the address cannot be resolved, the connection is refused or breaks, or too many earlier calls to the
 * same model have not ended although nobody waits for them any more.
 */
public final class ModelUnreachableException extends TransientModelException {

    private static final long serialVersionUID = 1L;

    ModelUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
