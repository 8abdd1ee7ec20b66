package dev.tokentally.langchain4j;

/**
 * The answer should be JSON and is not. It may be the model's answer or the provider's. In the second case it is not known what the
 * call used.
 */
public final class MalformedAnswerException extends UnusableAnswerException {

    private static final long serialVersionUID = 1L;

    MalformedAnswerException(String message, KnownUsage known, Throwable cause) {
        super(message, known, cause);
    }
}
