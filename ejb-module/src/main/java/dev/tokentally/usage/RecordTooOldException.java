package dev.tokentally.usage;

/**
 * The store refused a record since calls of its time were dropped. Its figures are in the rollups or were never known, so
 * the record is neither inserted nor tried again automatically.
 */
public class RecordTooOldException extends RecordRefusedException {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message what could not be done
     * @param cause the store's exception; null if the message says everything
     */
    public RecordTooOldException(String message, Throwable cause) {
        super(message, cause);
    }
}
