package dev.tokentally.langchain4j;

/**
 * The model or the provider's content filter refuses an answer. Where LangChain4j throws a refusal, nothing is known of
 * what it used.
 */
public final class AnswerFilteredException extends UnusableAnswerException {

    private static final long serialVersionUID = 1L;

    AnswerFilteredException(String message, Bill bill, Throwable cause) {
        super(message, bill, cause);
    }
}
