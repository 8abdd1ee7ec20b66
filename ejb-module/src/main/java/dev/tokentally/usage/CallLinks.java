package dev.tokentally.usage;

/**
 * Under which names other systems know a call. Each is null when not told.
 *
 * @param traceId the trace that it was made in; at most {@value #TRACE_LENGTH} characters
 * @param spanId the span that it was made in; at most {@value #SPAN_LENGTH} characters
 * @param responseId what the provider calls its answer; at most {@value #RESPONSE_LENGTH} characters
 */
public record CallLinks(String traceId, String spanId, String responseId) {

    /** Of {@code trace_id}. */
    public static final int TRACE_LENGTH = 32;

    /** Of {@code span_id}. */
    public static final int SPAN_LENGTH = 16;

    /** Of {@code response_id}. */
    public static final int RESPONSE_LENGTH = 255;

    /** No other system is known to have it. */
    public static final CallLinks NONE = new CallLinks(null, null, null);

    /**
     * Refuses what could not be stored.
     *
     * @throws IllegalArgumentException when a component does not fit its column; the message names it
     */
    public CallLinks {
        CallRecord.fitsOrNull("traceId", traceId, TRACE_LENGTH);
        CallRecord.fitsOrNull("spanId", spanId, SPAN_LENGTH);
        CallRecord.fitsOrNull("responseId", responseId, RESPONSE_LENGTH);
    }
}
