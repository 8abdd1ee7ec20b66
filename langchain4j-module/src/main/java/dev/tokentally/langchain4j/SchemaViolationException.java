package dev.tokentally.langchain4j;

/** The answer is JSON, but not what the record asks for; the message says where. */
public final class SchemaViolationException extends UnusableAnswerException {

    private static final long serialVersionUID = 1L;

    SchemaViolationException(String message, KnownUsage known, Throwable cause) {
        super(message, known, cause);
    }
}
