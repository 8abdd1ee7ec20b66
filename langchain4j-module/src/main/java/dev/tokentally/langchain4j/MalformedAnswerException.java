package dev.tokentally.langchain4j;

/**
 * What came is not JSON where it should be: the model's answer, or already the provider's, in which case nothing is known
 * of what it used.
 */
public final class MalformedAnswerException extends UnusableAnswerException {

    private static final long serialVersionUID = 1L;

    MalformedAnswerException(String message, Bill bill, Throwable cause) {
        super(message, bill, cause);
    }
}
