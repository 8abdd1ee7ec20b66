package dev.tokentally.langchain4j;

/** The provider refuses the request: it is too long, not allowed, or uses what the model cannot do (other HTTP 4xx). */
public final class RequestRefusedException extends PermanentModelException {

    private static final long serialVersionUID = 1L;

    RequestRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
