package dev.tokentally.usage;

/**
 * The store could not do what it was asked.
 *
 * <p>Checked on purpose: containers pass checked exceptions on as they are, and neither log them nor mark a transaction.
 */
public class UsageStoreException extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message what could not be done
     * @param cause why
     */
    public UsageStoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
