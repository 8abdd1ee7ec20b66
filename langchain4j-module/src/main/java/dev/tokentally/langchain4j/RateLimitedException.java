package dev.tokentally.langchain4j;

/** The provider takes no more calls for now (HTTP 429): too many at once, or a quota that is used up. */
public final class RateLimitedException extends TransientModelException {

    private static final long serialVersionUID = 1L;

    RateLimitedException(String message, Throwable cause) {
        super(message, cause);
    }
}
