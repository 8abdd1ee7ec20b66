package dev.tokentally.usage;

/**
 * The store refused a record: a value of it breaks a rule, its partition is missing, or another record has its id. A later try succeeds
 * only once somebody has removed the cause. Other records are not affected.
 */
public class RecordRefusedException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message what could not be done
     * @param cause the store's exception; null if the message says everything
     */
    public RecordRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
