package dev.tokentally.langchain4j;

/** The answer ends where the model's limit of output tokens was reached. */
public final class AnswerCutException extends UnusableAnswerException {

    private static final long serialVersionUID = 1L;

    AnswerCutException(String message, KnownUsage known, Throwable cause) {
        super(message, known, cause);
    }
}
