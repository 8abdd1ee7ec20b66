package dev.tokentally.scope;

import java.util.List;

/**
 * The {@code traceparent} header of a request, as W3C Trace Context describes it. Reading it logs nothing, since anybody may send a
 * wrong one, and many requests make no call.
 *
 * @param trace null if there is no header, or none that can be used
 * @param fault why the header cannot be used, without showing it; null if it can, or if there is none
 */
record TraceParent(CallTrace trace, String fault) {

    static final String HEADER = "traceparent";

    static final TraceParent NONE = new TraceParent(null, null);

    // VERSION-TRACE-SPAN-FLAGS
    private static final int TRACE_AT = 3;
    private static final int SPAN_AT = TRACE_AT + CallTrace.TRACE_LENGTH + 1;
    private static final int FLAGS_AT = SPAN_AT + CallTrace.SPAN_LENGTH + 1;
    private static final int LENGTH = FLAGS_AT + 2;

    /**
     * Reads the header.
     *
     * @param headers all headers of that name
     */
    static TraceParent of(List<String> headers) {
        if (headers.isEmpty()) {
            return NONE;
        }
        String header = headers.get(0).strip();
        String fault = headers.size() > 1 ? "there are " + headers.size() + " of them" : fault(header);
        return fault == null
                ? new TraceParent(new CallTrace(traceId(header), spanId(header)), null)
                : new TraceParent(null, fault);
    }

    /** Why the header cannot be used; null if it can. */
    private static String fault(String header) {
        if (header.length() < LENGTH) {
            return "it has " + header.length() + " characters, and at least " + LENGTH + " are needed";
        }
        String version = header.substring(0, TRACE_AT - 1);
        if (!CallTrace.isHex(version) || version.equals("ff")) {
            return "its version is not two lower-case hex digits other than ff";
        }
        if (header.length() > LENGTH && (version.equals("00") || header.charAt(LENGTH) != '-')) {
            return "it is longer than " + LENGTH + " characters, which its version does not allow or not in this way";
        }
        if (header.charAt(TRACE_AT - 1) != '-'
                || header.charAt(SPAN_AT - 1) != '-'
                || header.charAt(FLAGS_AT - 1) != '-') {
            return "its parts do not stand where they should";
        }
        if (!CallTrace.isId(traceId(header), CallTrace.TRACE_LENGTH)) {
            return "its trace id is not 32 lower-case hex digits other than zeros";
        }
        if (!CallTrace.isId(spanId(header), CallTrace.SPAN_LENGTH)) {
            return "its span id is not 16 lower-case hex digits other than zeros";
        }
        return CallTrace.isHex(header.substring(FLAGS_AT, LENGTH))
                ? null
                : "its flags are not two lower-case hex digits";
    }

    private static String traceId(String header) {
        return header.substring(TRACE_AT, SPAN_AT - 1);
    }

    private static String spanId(String header) {
        return header.substring(SPAN_AT, FLAGS_AT - 1);
    }
}
