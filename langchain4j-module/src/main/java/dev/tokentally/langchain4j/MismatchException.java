package dev.tokentally.langchain4j;

/** An answer is not of the shape that was asked for; the message says where, and quotes nothing. */
final class MismatchException extends Exception {

    private static final long serialVersionUID = 1L;

    MismatchException(String at, String problem) {
        this(at, problem, null);
    }

    MismatchException(String at, String problem, Throwable cause) {
        super(at + " " + problem, cause);
    }
}
