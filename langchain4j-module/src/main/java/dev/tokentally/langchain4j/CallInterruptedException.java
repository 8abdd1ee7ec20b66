package dev.tokentally.langchain4j;

/** The thread that waited for the answer was interrupted; its interrupt flag is set. */
public final class CallInterruptedException extends PermanentModelException {

    private static final long serialVersionUID = 1L;

    CallInterruptedException(String message, Throwable cause) {
        super(message, cause);
    }
}
