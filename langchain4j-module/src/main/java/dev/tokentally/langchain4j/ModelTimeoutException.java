package dev.tokentally.langchain4j;

/** No answer in time: within the request's timeout, or the model's own where that is shorter. */
public final class ModelTimeoutException extends TransientModelException {

    private static final long serialVersionUID = 1L;

    ModelTimeoutException(String message, Throwable cause) {
        super(message, cause);
    }
}
