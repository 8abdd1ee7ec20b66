package dev.tokentally.langchain4j;

/** No answer came within the request's timeout, or within the model's own timeout if that is shorter. */
public final class ModelTimeoutException extends TransientModelException {

    private static final long serialVersionUID = 1L;

    ModelTimeoutException(String message, Throwable cause) {
        super(message, cause);
    }
}
