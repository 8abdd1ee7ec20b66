package dev.tokentally.langchain4j;

/** The answer has no text, as when the model asks for a tool. */
public final class EmptyAnswerException extends UnusableAnswerException {

    private static final long serialVersionUID = 1L;

    EmptyAnswerException(String message, KnownUsage known, Throwable cause) {
        super(message, known, cause);
    }
}
