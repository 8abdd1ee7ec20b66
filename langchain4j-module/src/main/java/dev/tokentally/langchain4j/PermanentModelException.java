package dev.tokentally.langchain4j;

/** The call failed, and will fail again until somebody changes something. */
public abstract sealed class PermanentModelException extends ModelException
        permits KeyRefusedException,
                UnknownModelException,
                RequestRefusedException,
                CallInterruptedException,
                UnexpectedModelException {

    private static final long serialVersionUID = 1L;

    PermanentModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
