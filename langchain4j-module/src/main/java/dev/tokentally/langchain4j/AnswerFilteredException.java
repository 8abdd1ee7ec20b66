package dev.tokentally.langchain4j;

/**
 * The model or the provider's content filter refuses an answer. If LangChain4j throws the refusal, it is not known what the call
 * used.
 */
public final class AnswerFilteredException extends UnusableAnswerException {

    private static final long serialVersionUID = 1L;

    AnswerFilteredException(String message, KnownUsage known, Throwable cause) {
        super(message, known, cause);
    }
}
