package dev.tokentally.usage;

/** The store is there, but takes longer for an answer than reports may take; a shorter window has fewer calls to read. */
public class ReportTimeoutException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message which limit was reached
     * @param cause what the store said; null where the message says all
     */
    public ReportTimeoutException(String message, Throwable cause) {
        super(message, cause);
    }
}
