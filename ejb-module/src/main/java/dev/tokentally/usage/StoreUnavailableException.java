package dev.tokentally.usage;

/** The store is out of reach: the connection failed, so that trying again may help, and nothing else is wrong. */
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
