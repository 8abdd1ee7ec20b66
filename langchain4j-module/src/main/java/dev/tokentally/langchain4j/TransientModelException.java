package dev.tokentally.langchain4j;

/** The call failed, and the same call may go well a little later. */
public abstract sealed class TransientModelException extends ModelException
        permits RateLimitedException, ModelTimeoutException, ModelUnreachableException, ModelServerErrorException {

    private static final long serialVersionUID = 1L;

    TransientModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
