package dev.tokentally.usage;

/**
 * The calls have more different durations and token counts than there is memory for, since reports take a quarter of the heap
 * at the most; a shorter window has fewer, and later fewer reports may be made at a time.
 */
public class ReportTooLargeException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Without a cause.
     *
     * @param message which memory was too small
     */
    public ReportTooLargeException(String message) {
        super(message, null);
    }
}
