package dev.tokentally.usage;

/**
 * The store can be reached, but needs longer for an answer than a report may take. A shorter window may help, since it
 * has fewer calls.
 */
public class ReportTimeoutException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message names the limit
     * @param cause the store's exception; null if the message says everything
     */
    public ReportTimeoutException(String message, Throwable cause) {
        super(message, cause);
    }
}
