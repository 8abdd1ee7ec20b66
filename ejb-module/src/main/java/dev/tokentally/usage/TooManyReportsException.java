package dev.tokentally.usage;

/** No reader was free for a report, since others are being made. The store is not the reason. Trying again later helps. */
public class TooManyReportsException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Without a cause, since nothing has failed.
     *
     * @param message says whose report got no reader
     */
    public TooManyReportsException(String message) {
        super(message, null);
    }
}
