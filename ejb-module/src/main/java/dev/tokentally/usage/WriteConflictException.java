package dev.tokentally.usage;

/**
 * The store refused a write because of another transaction at the same time: a deadlock, a lock that was not granted in
 * time or a serialization failure. The store can be reached and the records are correct, so a later try may succeed.
 */
public class WriteConflictException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message what could not be done
     * @param cause the store's exception; null if the message says everything
     */
    public WriteConflictException(String message, Throwable cause) {
        super(message, cause);
    }
}
