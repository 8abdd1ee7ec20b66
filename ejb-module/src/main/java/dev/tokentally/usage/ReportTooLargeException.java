package dev.tokentally.usage;

/**
 * The calls have too many different durations and token counts for the memory of reports, which is a quarter of the
 * heap at most. A shorter window has fewer of them. Trying again later may help too, when fewer reports run at the same
 * time.
 */
public class ReportTooLargeException extends UsageStoreException {

    private static final long serialVersionUID = 1L;

    /**
     * Without a cause.
     *
     * @param message says which memory was too small
     */
    public ReportTooLargeException(String message) {
        super(message, null);
    }
}
