package dev.tokentally.usage;

/** The store refused a record because of its content, so no later try can succeed. Other records are not affected. */
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
