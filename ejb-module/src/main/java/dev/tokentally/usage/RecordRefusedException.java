package dev.tokentally.usage;

/** The store refused a record for what is in it, so that no later try can succeed; other records are not concerned. */
public class RecordRefusedException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message what could not be done
     * @param cause what the store said; null where the message says all
     */
    public RecordRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
