package dev.tokentally.usage;

/**
 * The store could not do what it was asked to do.
 *
 * <p>It is a checked exception on purpose: containers pass checked exceptions on unchanged, without logging them or
 * marking a transaction.
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
