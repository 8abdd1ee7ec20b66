package dev.tokentally.usage;

/** The store cannot be reached: the connection failed and nothing else is wrong. Trying again may help. */
public class StoreUnavailableException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message what could not be done
     * @param cause the connection failure
     */
    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
