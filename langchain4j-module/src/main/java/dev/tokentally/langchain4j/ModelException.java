package dev.tokentally.langchain4j;

/**
 * A call to a model that failed, as {@link LangChain4jLlmPort} throws it: the same class for the same failure, whichever
 * provider it comes from. The rows have the simple names of these classes as {@code error_class}, so the names do not change.
 *
 * <p>A message holds neither prompt, answer nor key. The cause is the exception of LangChain4j. <em>Its</em> message often quotes
 * what the provider sent, which may contain any of these. So think before you log it.
 *
 * <p>To repeat calls that may succeed the next time:
 *
 * <pre>{@code
 * @Retry(retryOn = TransientModelException.class)
 * }</pre>
 */
public abstract sealed class ModelException extends RuntimeException
        permits TransientModelException, PermanentModelException, UnusableAnswerException {

    private static final long serialVersionUID = 1L;

    ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
