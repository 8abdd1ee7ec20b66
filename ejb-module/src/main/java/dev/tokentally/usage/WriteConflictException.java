package dev.tokentally.usage;

/**
 * The store did not take what was written because of what another transaction does at the same time (a deadlock, a lock that
 * was not given in time, a serialization failure): it is there, nothing is wrong with the records, and a later try may
 * succeed.
 */
public class WriteConflictException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message what could not be done
     * @param cause what the store said; null where the message says all
     */
    public WriteConflictException(String message, Throwable cause) {
        super(message, cause);
    }
}
