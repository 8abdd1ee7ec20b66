package dev.tokentally.usage;

/**
 * The names of a call in other systems. Each one is null when not known.
 *
 * @param traceId the trace in which the call was made; at most {@value #TRACE_LENGTH} characters
 * @param spanId the span in which the call was made; at most {@value #SPAN_LENGTH} characters
 * @param responseId the provider's id of its answer; at most {@value #RESPONSE_LENGTH} characters
 */
public record CallLinks(String traceId, String spanId, String responseId) {

    /** The longest {@code trace_id}. */
    public static final int TRACE_LENGTH = 32;

    /** The longest {@code span_id}. */
    public static final int SPAN_LENGTH = 16;

    /** The longest {@code response_id}. */
    public static final int RESPONSE_LENGTH = 255;

    /** No link to any other system is known. */
    public static final CallLinks NONE = new CallLinks(null, null, null);

    /**
     * Refuses values that cannot be stored.
     *
     * @throws IllegalArgumentException when a component does not fit its column; the message names it
     */
    public CallLinks {
        CallRecord.fitsOrNull("traceId", traceId, TRACE_LENGTH);
        CallRecord.fitsOrNull("spanId", spanId, SPAN_LENGTH);
        CallRecord.fitsOrNull("responseId", responseId, RESPONSE_LENGTH);
    }
}
